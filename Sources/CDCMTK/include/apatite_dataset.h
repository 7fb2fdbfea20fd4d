#pragma once
#include "apatite_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A DICOM file in memory: owns its data set.
typedef struct apatite_file apatite_file;
/// A data set or a sequence item. Owned by its file; valid until the file is freed or the item is removed.
typedef struct apatite_item apatite_item;

/// An empty data set to fill. NULL only when memory is exhausted.
apatite_file *apatite_file_create(void);

/// Reads a file. Text is converted to UTF-8, values longer than `maximum_in_memory` bytes stay in the file until asked
/// for, reading ends before `stop_tag` when that is not zero. A deflated data set may inflate to `inflated_limit` bytes
/// and no further: DCMTK itself would inflate without end.
apatite_status apatite_file_read(
    const char *path, uint32_t stop_tag, uint32_t maximum_in_memory, uint64_t inflated_limit, apatite_file **file);

/// Writes data set and meta header. The meta header names one implementation whatever DCMTK is linked, so that equal
/// data sets are equal files.
apatite_status apatite_file_write(apatite_file *file, const char *path, const char *transfer_syntax);

void apatite_file_free(apatite_file *file);

/// The data set of a file.
apatite_item *apatite_file_data_set(apatite_file *file);

/// UID of the transfer syntax the file was read from; "" for a new one. Lives as long as the process.
const char *apatite_file_transfer_syntax(const apatite_file *file);

/// Number of elements, and the tag of each (0 past the end): to go through a data set of unknown content.
size_t apatite_item_count(const apatite_item *item);
uint32_t apatite_item_tag(const apatite_item *item, size_t index);

bool apatite_item_contains(apatite_item *item, uint32_t tag);

/// The element's value representation as two letters, or "" when absent: single-valued texts may contain a backslash.
void apatite_item_value_representation(apatite_item *item, uint32_t tag, char representation[3]);

/// All values as text, joined by backslashes. `*text` is to be freed by `apatite_free`; NULL when absent or without text.
apatite_status apatite_item_text(apatite_item *item, uint32_t tag, char **text);

/// Up to `capacity` values as numbers, whatever the representation (DS, IS, US, SS, UL, SL, FL, FD, UV, SV).
/// `*count` is the number there is; 0 when absent or when one is not a number.
apatite_status apatite_item_numbers(
    apatite_item *item, uint32_t tag, double *values, size_t capacity, size_t *count);

/// The value's bytes in little endian, owned by the item. NULL when absent or not of a binary representation.
apatite_status apatite_item_bytes(apatite_item *item, uint32_t tag, const uint8_t **bytes, size_t *count);

/// Items of a sequence: their number (0 when absent or not a sequence), and each.
size_t apatite_item_sequence_count(apatite_item *item, uint32_t tag);
apatite_item *apatite_item_sequence_item(apatite_item *item, uint32_t tag, size_t index);

/// Sets an element, replacing what is there. `representation` NULL means the dictionary's; a private tag needs one.
apatite_status apatite_item_set_text(
    apatite_item *item, uint32_t tag, const char *representation, const char *text);
apatite_status apatite_item_set_numbers(
    apatite_item *item, uint32_t tag, const char *representation, const double *values, size_t count);
apatite_status apatite_item_set_bytes(
    apatite_item *item, uint32_t tag, const char *representation, const uint8_t *bytes, size_t count);
apatite_status apatite_item_set_empty(apatite_item *item, uint32_t tag);
apatite_status apatite_item_append(apatite_item *item, uint32_t sequence, apatite_item **appended);
void apatite_item_remove(apatite_item *item, uint32_t tag);

/// Copies an element as it is, sequences with all below them; nothing when `from` has none.
apatite_status apatite_item_copy(apatite_item *item, uint32_t tag, apatite_item *from);

/// The dictionary's value representation of a tag ("xs" for US or SS, "UN" when unknown): decides whether numbers are
/// set as text or as binary. Lives as long as the process.
const char *apatite_dictionary_representation(uint32_t tag);

/// A number with so many significant digits, without regard to the process's locale: decimal strings have a point.
void apatite_format_number(double value, int digits, char *buffer, size_t capacity);

/// Inflates the beginning of a deflated data set, up to `capacity` bytes, for reading its identifiers only.
apatite_status apatite_inflate_prefix(
    const uint8_t *packed, size_t packed_count, uint8_t *plain, size_t capacity, size_t *count);

/// Frees what a function of this header returned to be freed.
void apatite_free(void *memory);

#ifdef __cplusplus
}
#endif
