#pragma once
#include "apatite_dataset.h"

#ifdef __cplusplus
extern "C" {
#endif

/// What the pixel module says of one frame, after every check that needs no memory: rows and columns against the length
/// of the value, products without overflow, one sample a pixel, 8 or 16 bits allocated, one frame within `maximum_bytes`.
typedef struct {
    uint32_t rows;
    uint32_t columns;
    uint32_t frames;
    uint16_t bits_allocated;
    uint16_t bits_stored;
    uint16_t high_bit;
    bool is_signed;
} apatite_frame_layout;

/// Checks the pixel data and describes a frame of it. Separate from decoding so that the caller allocates, once it knows
/// that the size is sane.
apatite_status apatite_frame_check(apatite_file *file, uint64_t maximum_bytes, apatite_frame_layout *layout);

/// Decodes one frame into `values` (rows x columns, row by row), as stored values: masked to the stored bits and
/// sign-extended, rescale not applied.
apatite_status apatite_frame_decode(
    apatite_file *file, uint32_t index, const apatite_frame_layout *layout, int32_t *values, size_t capacity);

#ifdef __cplusplus
}
#endif
