#pragma once
#include "apatite_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/// One association, as acceptor or requestor. Its functions block and belong to one thread at a time, but for
/// `apatite_association_interrupt`.
typedef struct apatite_association apatite_association;

/// Result, source and reason of an A-ASSOCIATE-RJ (PS3.8 table 9-21); `result` 0 means none was received.
typedef struct {
    uint8_t result;
    uint8_t source;
    uint8_t reason;
} apatite_rejection;

/// What one side asks of the other.
typedef enum {
    APATITE_REQUEST_ECHO,
    APATITE_REQUEST_STORE,
    APATITE_REQUEST_EVENT_REPORT,
    APATITE_REQUEST_ACTION,
    APATITE_REQUEST_FIND,
    APATITE_REQUEST_GET,
    APATITE_REQUEST_MOVE,
    /// The answer to a request of ours: `message` is that request's.
    APATITE_REQUEST_ANSWER,
    APATITE_REQUEST_RELEASE
} apatite_request_kind;

typedef struct {
    apatite_request_kind kind;
    uint8_t context;
    uint16_t message;
    /// Event Type ID of an event report, Action Type ID of an action, status of an answer.
    uint16_t type;
    bool has_data_set;
    char sop_class[68];
    char sop_instance[68];
    /// Move Destination of a C-MOVE.
    char destination[20];
} apatite_request;

// MARK: Accepting

/// Reads an A-ASSOCIATE-RQ from a connected socket, which it takes over even on failure: the connection may come from
/// our own accept or from systemd, so DCMTK's listener is not used. `artim_seconds` limits the wait.
apatite_status apatite_association_receive(
    int socket, uint32_t maximum_pdu, int artim_seconds, apatite_association **association);

/// What the request says. Texts live as long as the association.
const char *apatite_association_calling(const apatite_association *association);
const char *apatite_association_called(const apatite_association *association);
const char *apatite_association_implementation(const apatite_association *association);

/// The proposed presentation contexts; on the requestor's side with the acceptor's answer.
typedef struct {
    uint8_t identifier;
    /// 0 accepted, 1 user rejection, 2 no reason, 3 abstract syntax, 4 transfer syntaxes not supported (PS3.8 9.3.3.2).
    uint8_t result;
    uint32_t transfer_syntax_count;
    char abstract_syntax[68];
    char accepted_transfer_syntax[68];
} apatite_context;
size_t apatite_association_context_count(const apatite_association *association);
apatite_status apatite_association_context(
    const apatite_association *association, size_t index, apatite_context *context);
/// One proposed transfer syntax of a context, copied out.
apatite_status apatite_association_proposed_syntax(
    const apatite_association *association, size_t index, size_t syntax, char uid[68]);

/// Decides one context: `transfer_syntax` accepts it, NULL refuses it with `reason`. `peer_is_provider` grants the
/// requestor the role of the service class provider where it proposes that (PS3.7 section D.3.3.4).
apatite_status apatite_association_decide(
    apatite_association *association, uint8_t context, const char *transfer_syntax, uint8_t reason,
    bool peer_is_provider);

/// Sends A-ASSOCIATE-AC or A-ASSOCIATE-RJ.
apatite_status apatite_association_acknowledge(apatite_association *association);
apatite_status apatite_association_reject(apatite_association *association, apatite_rejection rejection);

/// Waits for the next request. `APATITE_TIMEOUT` after `seconds` without one.
apatite_status apatite_association_next(apatite_association *association, int seconds, apatite_request *request);

/// Whether something to read is there within so many milliseconds.
bool apatite_association_is_readable(apatite_association *association, int milliseconds);

/// Receives the data set of a store request as it comes, without parsing, into a file descriptor and a digest. A failed
/// write is no failure of the association: the rest is read and dropped, `*write_error` is the errno to answer for.
/// `descriptor` -1 drops everything.
apatite_status apatite_association_receive_data(
    apatite_association *association, int seconds, int descriptor, uint8_t sha256[32], uint64_t *count,
    int *write_error);

/// Receives the data set of an event report or an answer and parses it; more than `limit` bytes end it, since it is kept in
/// memory.
struct apatite_file;
apatite_status apatite_association_receive_data_set(
    apatite_association *association, uint8_t context, int seconds, size_t limit, struct apatite_file **file);

/// Answers a request with a status; `comment` (at most 64 characters, ASCII) explains a failure, or NULL.
apatite_status apatite_association_answer(
    apatite_association *association, const apatite_request *request, uint16_t status, const char *comment);

/// Answers an A-RELEASE-RQ.
apatite_status apatite_association_acknowledge_release(apatite_association *association);

// MARK: Requesting

typedef struct {
    const char *abstract_syntax;
    const char *const *transfer_syntaxes;
    uint32_t transfer_syntax_count;
    /// We ask to be the service class provider of this context, as for what C-GET brings.
    bool as_provider;
} apatite_proposal;

/// Connects and negotiates. Contexts get the identifiers 1, 3, 5 ... in order.
apatite_status apatite_association_request(
    const char *host, uint16_t port, const char *calling, const char *called, uint32_t maximum_pdu, int seconds,
    const apatite_proposal *proposals, size_t count, apatite_association **association, apatite_rejection *rejection);

/// Sends a C-STORE-RQ with a data set straight from a file, from `offset` to its end: the context's transfer syntax has
/// to be the file's. Does not wait for the answer, so that several can be under way.
apatite_status apatite_association_send_store(
    apatite_association *association, const apatite_request *request, int descriptor, uint64_t offset);

/// The same with the data set parsed and written in the context's transfer syntax: for a peer that takes implicit VR
/// only.
apatite_status apatite_association_send_store_converted(
    apatite_association *association, const apatite_request *request, const char *path);

/// Sends an N-ACTION-RQ, C-FIND-RQ, C-GET-RQ or C-MOVE-RQ with its data set.
apatite_status apatite_association_send_request(
    apatite_association *association, const apatite_request *request, struct apatite_file *data_set);

/// Sends a C-ECHO-RQ.
apatite_status apatite_association_send_echo(apatite_association *association, const apatite_request *request);

/// Waits for the answer to any request under way. `comment` takes the peer's Error Comment.
apatite_status apatite_association_receive_answer(
    apatite_association *association, int seconds, uint16_t *message, uint16_t *status, char comment[68]);

/// A-RELEASE-RQ and its answer.
apatite_status apatite_association_release(apatite_association *association);

// MARK: Ending

/// A-ABORT.
void apatite_association_abort(apatite_association *association);

/// From any thread: sends an A-ABORT and shuts the connection down, so that whoever blocks on it returns at once. The
/// association has still to be freed by its own thread.
void apatite_association_interrupt(apatite_association *association);

void apatite_association_free(apatite_association *association);

#ifdef __cplusplus
}
#endif
