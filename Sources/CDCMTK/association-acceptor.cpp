#include "association.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

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
    apatite_association *association, uint8_t context, const char *transfer_syntax, uint8_t reason)
{
    return guarded([&]() -> apatite_status {
        OFCondition result = transfer_syntax
            ? ASC_acceptPresentationContext(association->dul->params, context, transfer_syntax)
            : ASC_refusePresentationContext(
                association->dul->params, context, T_ASC_P_ResultReason(reason));
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

apatite_status apatite_association_next(apatite_association *association, int seconds, apatite_request *request)
{
    return guarded([&]() -> apatite_status {
        T_DIMSE_Message message;
        memset(static_cast<void *>(&message), 0, sizeof message);
        DcmDataset *detail = nullptr;
        T_ASC_PresentationContextID context = 0;
        OFCondition result = DIMSE_receiveCommand(
            association->dul, DIMSE_NONBLOCKING, seconds, &context, &message, &detail);
        delete detail;
        memset(request, 0, sizeof *request);
        request->context = context;
        if (result == DUL_PEERREQUESTEDRELEASE) {
            request->kind = APATITE_REQUEST_RELEASE;
            return ok();
        }
        if (result.bad()) return network_failure("no further request", result);
        if (message.CommandField == DIMSE_C_ECHO_RQ) {
            request->kind = APATITE_REQUEST_ECHO;
            request->message = message.msg.CEchoRQ.MessageID;
            OFStandard::strlcpy(
                request->sop_class, message.msg.CEchoRQ.AffectedSOPClassUID, sizeof request->sop_class);
            return ok();
        }
        if (message.CommandField != DIMSE_C_STORE_RQ)
            return failure(APATITE_PROTOCOL, "an unexpected command (%04XH)", unsigned(message.CommandField));
        if (message.msg.CStoreRQ.DataSetType == DIMSE_DATASET_NULL)
            return failure(APATITE_PROTOCOL, "a C-STORE-RQ without a data set");
        request->kind = APATITE_REQUEST_STORE;
        request->message = message.msg.CStoreRQ.MessageID;
        OFStandard::strlcpy(request->sop_class, message.msg.CStoreRQ.AffectedSOPClassUID, sizeof request->sop_class);
        OFStandard::strlcpy(
            request->sop_instance, message.msg.CStoreRQ.AffectedSOPInstanceUID, sizeof request->sop_instance);
        return ok();
    });
}

bool apatite_association_is_readable(apatite_association *association, int milliseconds)
{
    pollfd waiting{association->layer.control, POLLIN, 0};
    return poll(&waiting, 1, milliseconds) > 0;
}

apatite_status apatite_association_receive_data(
    apatite_association *association, int seconds, int descriptor, uint8_t sha256[32], uint64_t *count,
    int *write_error)
{
    *count = 0;
    *write_error = 0;
    return guarded([&]() -> apatite_status {
        std::unique_ptr<apatite_digest, decltype(&apatite_digest_free)> digest(
            apatite_digest_create(), &apatite_digest_free);
        if (!digest) return failure(APATITE_LIMIT, "not enough memory");
        auto put = [&](const uint8_t *bytes, size_t length) {
            apatite_digest_update(digest.get(), bytes, length);
            while (length > 0 && descriptor >= 0 && *write_error == 0) {
                ssize_t written = write(descriptor, bytes, length);
                if (written < 0 && errno == EINTR) continue;
                if (written < 0) *write_error = errno;
                else bytes += written, length -= size_t(written);
            }
        };
        DUL_PDV fragment;
        do {
            OFCondition result = next_fragment(*association->dul, seconds, fragment);
            if (result.bad()) return network_failure("the data set ended early", result);
            if (fragment.pdvType != DUL_DATASETPDV)
                return failure(APATITE_PROTOCOL, "a command inside a data set");
            put(static_cast<const uint8_t *>(fragment.data), fragment.fragmentLength);
            *count += fragment.fragmentLength;
        } while (!fragment.lastPDV);
        apatite_digest_finish(digest.get(), sha256);
        return ok();
    });
}

apatite_status apatite_association_answer(
    apatite_association *association, const apatite_request *request, uint16_t status, const char *comment)
{
    return guarded([&]() -> apatite_status {
        std::unique_ptr<DcmDataset> detail;
        if (comment && *comment) {
            detail = std::make_unique<DcmDataset>();
            detail->putAndInsertString(DCM_ErrorComment, comment);
        }
        OFCondition result;
        if (request->kind == APATITE_REQUEST_ECHO) {
            T_DIMSE_C_EchoRQ asked;
            memset(&asked, 0, sizeof asked);
            asked.MessageID = request->message;
            OFStandard::strlcpy(asked.AffectedSOPClassUID, request->sop_class, sizeof asked.AffectedSOPClassUID);
            result = DIMSE_sendEchoResponse(association->dul, request->context, &asked, status, detail.get());
        } else {
            T_DIMSE_C_StoreRQ asked;
            T_DIMSE_C_StoreRSP answer;
            memset(&asked, 0, sizeof asked);
            memset(&answer, 0, sizeof answer);
            asked.MessageID = request->message;
            OFStandard::strlcpy(asked.AffectedSOPClassUID, request->sop_class, sizeof asked.AffectedSOPClassUID);
            OFStandard::strlcpy(
                asked.AffectedSOPInstanceUID, request->sop_instance, sizeof asked.AffectedSOPInstanceUID);
            answer.DimseStatus = status;
            answer.MessageIDBeingRespondedTo = request->message;
            answer.DataSetType = DIMSE_DATASET_NULL;
            OFStandard::strlcpy(answer.AffectedSOPClassUID, request->sop_class, sizeof answer.AffectedSOPClassUID);
            OFStandard::strlcpy(
                answer.AffectedSOPInstanceUID, request->sop_instance, sizeof answer.AffectedSOPInstanceUID);
            answer.opts = O_STORE_AFFECTEDSOPCLASSUID | O_STORE_AFFECTEDSOPINSTANCEUID;
            result = DIMSE_sendStoreResponse(association->dul, request->context, &asked, &answer, detail.get());
        }
        return result.good() ? ok() : network_failure("the answer cannot be sent", result);
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
