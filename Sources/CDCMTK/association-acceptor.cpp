#include "association.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace apatite;

namespace {

/// A connected TCP socket that nobody uses. DCMTK 3.6.7 skips its own bind and accept when an external socket handle is
/// set, asks that handle for its peer and sets options on it, and then takes the connection our transport layer makes.
int dummy_connection()
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    int accepted = -1;
    if (listener >= 0 && client >= 0 && bind(listener, reinterpret_cast<sockaddr *>(&address), length) == 0
        && listen(listener, 1) == 0 && getsockname(listener, reinterpret_cast<sockaddr *>(&address), &length) == 0
        && connect(client, reinterpret_cast<sockaddr *>(&address), length) == 0)
        accepted = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (listener >= 0) close(listener);
    // The client's end stays open for the life of the process: a peer is all that DCMTK looks for.
    if (accepted < 0 && client >= 0) close(client);
    return accepted;
}

bool prepare_external_socket()
{
    static std::once_flag once;
    static bool ready = false;
    std::call_once(once, [] {
        int dummy = dummy_connection();
        ready = dummy >= 0;
        if (ready) dcmExternalSocketHandle.set(dummy);
    });
    return ready;
}

/// The role with which the requestor would be the provider of a context; the default when it proposed none.
T_ASC_SC_ROLE proposed_provider(T_ASC_Parameters &parameters, uint8_t context)
{
    T_ASC_PresentationContext found;
    for (int index = 0; ASC_getPresentationContext(&parameters, index, &found).good(); index++)
        if (found.presentationContextID == context)
            return found.proposedRole == ASC_SC_ROLE_SCP || found.proposedRole == ASC_SC_ROLE_SCUSCP
                ? found.proposedRole
                : ASC_SC_ROLE_DEFAULT;
    return ASC_SC_ROLE_DEFAULT;
}

} // namespace

apatite_status apatite_association_receive(
    int socket, uint32_t maximum_pdu, int artim_seconds, apatite_association **out)
{
    apatite_initialize();
    *out = nullptr;
    std::unique_ptr<apatite_association> association(new (std::nothrow) apatite_association(socket));
    if (!association || !prepare_external_socket()) {
        close(socket);
        return failure(APATITE_IO, "no socket can be made: %s", strerror(errno));
    }
    apatite_status status = guarded([&]() -> apatite_status {
        OFCondition result = ASC_initializeNetwork(NET_ACCEPTOR, 0, artim_seconds, &association->network);
        if (result.good()) result = ASC_setTransportLayer(association->network, &association->layer, 0);
        if (result.bad()) return failure(APATITE_OTHER, "the network cannot be set up", result);
        long pdu = std::clamp<long>(maximum_pdu, ASC_MINIMUMPDUSIZE, ASC_MAXIMUMPDUSIZE);
        result = ASC_receiveAssociation(
            association->network, &association->dul, pdu, nullptr, nullptr, OFFalse, DUL_NOBLOCK, artim_seconds);
        if (result.bad()) return network_failure("no association request", result);
        T_ASC_Parameters &parameters = *association->dul->params;
        // DCMTK 3.6.7 reports no error when the peer closes before it has said anything, as a port monitor does.
        if (parameters.DULparams.applicationContextName[0] == 0)
            return failure(APATITE_ABORTED, "no association request: the peer closed the connection");
        name_implementation(parameters);
        association->calling = parameters.DULparams.callingAPTitle;
        association->called = parameters.DULparams.calledAPTitle;
        association->implementation = parameters.theirImplementationVersionName;
        return ok();
    });
    if (status.code == APATITE_OK) *out = association.release();
    else if (!association->layer.is_taken) close(socket);
    return status;
}

apatite_status apatite_association_decide(
    apatite_association *association, uint8_t context, const char *transfer_syntax, uint8_t reason,
    bool peer_is_provider)
{
    return guarded([&]() -> apatite_status {
        T_ASC_Parameters *parameters = association->dul->params;
        OFCondition result;
        if (transfer_syntax) {
            T_ASC_SC_ROLE role = peer_is_provider ? proposed_provider(*parameters, context) : ASC_SC_ROLE_DEFAULT;
            result = ASC_acceptPresentationContext(parameters, context, transfer_syntax, role);
        } else {
            result = ASC_refusePresentationContext(parameters, context, T_ASC_P_ResultReason(reason));
        }
        return result.good() ? ok() : failure(APATITE_INVALID, "a presentation context cannot be answered", result);
    });
}

apatite_status apatite_association_acknowledge(apatite_association *association)
{
    return guarded([&]() -> apatite_status {
        // The application context is DICOM's or the request would not have been read.
        OFCondition result = ASC_acknowledgeAssociation(association->dul);
        return result.good() ? ok() : network_failure("the association cannot be accepted", result);
    });
}

apatite_status apatite_association_reject(apatite_association *association, apatite_rejection rejection)
{
    return guarded([&]() -> apatite_status {
        T_ASC_RejectParameters parameters;
        parameters.result = T_ASC_RejectParametersResult(rejection.result);
        parameters.source = T_ASC_RejectParametersSource(rejection.source);
        // DCMTK's reasons carry the source in their second byte.
        parameters.reason = T_ASC_RejectParametersReason(rejection.source << 8 | rejection.reason);
        OFCondition result = ASC_rejectAssociation(association->dul, &parameters);
        return result.good() ? ok() : network_failure("the association cannot be rejected", result);
    });
}

apatite_status apatite_association_acknowledge_release(apatite_association *association)
{
    return guarded([&]() -> apatite_status {
        OFCondition result = ASC_acknowledgeRelease(association->dul);
        if (result.bad()) return network_failure("the release cannot be answered", result);
        // The requestor closes first (PS3.8 state 13); a short wait spares it a reset.
        ASC_dropSCPAssociation(association->dul, 1);
        return ok();
    });
}
