#pragma once
// Shared by association-*.cpp; not visible outside.
#include "support.h"

#include "dcmtk/dcmnet/assoc.h"
#include "dcmtk/dcmnet/dcmlayer.h"
#include "dcmtk/dcmnet/dcmtrans.h"
#include "dcmtk/dcmnet/dimse.h"
#include "dcmtk/dcmnet/dul.h"

#include <atomic>

namespace apatite {

/// Gives DCMTK a connection on a socket of our choice: for an acceptor the one that was handed over, instead of DCMTK's
/// own accept; for a requestor the one DCMTK opened. Remembers the socket, so that another thread can shut it down.
class transport_layer : public DcmTransportLayer {
public:
    explicit transport_layer(int given) : given(given) {}
    ~transport_layer() override;
    DcmTransportConnection *createConnection(DcmNativeSocketType opened, OFBool secure) override;
    /// A duplicate of the socket: DCMTK closes its own whenever it likes, and the number may be in use again by then.
    std::atomic<int> control{-1};
    /// Whether DCMTK has the given socket and will close it.
    bool is_taken = false;

private:
    int given;
};

/// Does one status of DCMTK's network layer mean a time limit, an abort, a rejection...
apatite_status network_failure(const char *what, const OFCondition &condition);

/// Puts our implementation into what the peer will see, instead of DCMTK's.
void name_implementation(T_ASC_Parameters &parameters);

/// The next fragment of a message; waits up to `seconds`.
OFCondition next_fragment(T_ASC_Association &association, int seconds, DUL_PDV &fragment);

/// Sends bytes as fragments of one command or data set.
OFCondition send_fragments(
    T_ASC_Association &association, uint8_t context, DUL_DATAPDV type, const uint8_t *bytes, size_t count, bool last);

} // namespace apatite

struct apatite_association {
    explicit apatite_association(int socket) : layer(socket) {}
    ~apatite_association();

    apatite::transport_layer layer;
    T_ASC_Network *network = nullptr;
    T_ASC_Association *dul = nullptr;
    std::string calling, called, implementation;
};
