#include "association.h"

#include <cstring>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace apatite;

DcmTransportConnection *transport_layer::createConnection(DcmNativeSocketType opened, OFBool)
{
    int chosen = given >= 0 ? given : opened;
    given = -1;
    is_taken = true;
    control = fcntl(chosen, F_DUPFD_CLOEXEC, 3);
    int one = 1;
    setsockopt(chosen, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return new (std::nothrow) DcmTCPConnection(chosen);
}

transport_layer::~transport_layer()
{
    if (control >= 0) close(control);
}

apatite_association::~apatite_association()
{
    if (dul) {
        ASC_dropAssociation(dul);
        ASC_destroyAssociation(&dul);
    }
    if (network) ASC_dropNetwork(&network);
}

apatite_status apatite::network_failure(const char *what, const OFCondition &condition)
{
    // DIMSE wraps what DUL says; the words of both are in the text.
    if (condition == DIMSE_NODATAAVAILABLE || condition == DUL_READTIMEOUT)
        return failure(APATITE_TIMEOUT, "%s: the peer was silent too long", what);
    if (condition == DUL_PEERABORTEDASSOCIATION)
        return failure(APATITE_ABORTED, "%s: the peer aborted the association", what);
    if (condition == DUL_NETWORKCLOSED) return failure(APATITE_ABORTED, "%s: the peer closed the connection", what);
    if (condition == DUL_ASSOCIATIONREJECTED) return failure(APATITE_REJECTED, "%s: rejected", what);
    if (condition == DUL_REQUESTASSOCIATIONFAILED || condition.code() == DULC_TCPINITERROR
        || condition.code() == DULC_UNKNOWNHOST)
        return failure(APATITE_UNREACHABLE, what, condition);
    if (condition.code() == DULC_TCPIOERROR || condition.code() == DIMSEC_READPDVFAILED
        || condition.code() == DIMSEC_SENDFAILED)
        return failure(APATITE_ABORTED, what, condition);
    return failure(APATITE_PROTOCOL, what, condition);
}

void apatite::name_implementation(T_ASC_Parameters &parameters)
{
    OFStandard::strlcpy(
        parameters.ourImplementationClassUID, apatite_implementation_class_uid(),
        sizeof parameters.ourImplementationClassUID);
    OFStandard::strlcpy(
        parameters.ourImplementationVersionName, "APATITE_1", sizeof parameters.ourImplementationVersionName);
}

OFCondition apatite::next_fragment(T_ASC_Association &association, int seconds, DUL_PDV &fragment)
{
    OFCondition result = DUL_NextPDV(&association.DULassociation, &fragment);
    if (result.good()) return result;
    if (!ASC_dataWaiting(&association, seconds)) return DIMSE_NODATAAVAILABLE;
    result = DUL_ReadPDVs(&association.DULassociation, nullptr, DUL_NOBLOCK, seconds);
    if (result != DUL_PDATAPDUARRIVED) return result.good() ? OFCondition(DUL_UNEXPECTEDPDU) : result;
    return DUL_NextPDV(&association.DULassociation, &fragment);
}

OFCondition apatite::send_fragments(
    T_ASC_Association &association, uint8_t context, DUL_DATAPDV type, const uint8_t *bytes, size_t count, bool last)
{
    OFCondition result;
    size_t limit = association.sendPDVLength & ~size_t(1);
    for (size_t sent = 0; result.good() && (sent < count || (count == 0 && last));) {
        DUL_PDV fragment;
        fragment.fragmentLength = std::min(limit, count - sent);
        fragment.presentationContextID = context;
        fragment.pdvType = type;
        fragment.data = const_cast<uint8_t *>(bytes) + sent;
        sent += fragment.fragmentLength;
        fragment.lastPDV = last && sent == count;
        DUL_PDVLIST list;
        memset(&list, 0, sizeof list);
        list.count = 1;
        list.pdv = &fragment;
        result = DUL_WritePDVs(&association.DULassociation, &list);
        if (count == 0) break;
    }
    return result;
}

const char *apatite_association_calling(const apatite_association *association) { return association->calling.c_str(); }
const char *apatite_association_called(const apatite_association *association) { return association->called.c_str(); }
const char *apatite_association_implementation(const apatite_association *association)
{
    return association->implementation.c_str();
}

size_t apatite_association_context_count(const apatite_association *association)
{
    return size_t(ASC_countPresentationContexts(association->dul->params));
}

apatite_status apatite_association_context(
    const apatite_association *association, size_t index, apatite_context *context)
{
    return guarded([&]() -> apatite_status {
        T_ASC_PresentationContext found;
        if (ASC_getPresentationContext(association->dul->params, int(index), &found).bad())
            return failure(APATITE_INVALID, "no such presentation context");
        context->identifier = found.presentationContextID;
        context->result = uint8_t(found.resultReason);
        context->transfer_syntax_count = found.transferSyntaxCount;
        OFStandard::strlcpy(context->abstract_syntax, found.abstractSyntax, sizeof context->abstract_syntax);
        OFStandard::strlcpy(
            context->accepted_transfer_syntax, found.acceptedTransferSyntax, sizeof context->accepted_transfer_syntax);
        return ok();
    });
}

apatite_status apatite_association_proposed_syntax(
    const apatite_association *association, size_t index, size_t syntax, char uid[68])
{
    return guarded([&]() -> apatite_status {
        T_ASC_PresentationContext found;
        if (ASC_getPresentationContext(association->dul->params, int(index), &found).bad()
            || syntax >= found.transferSyntaxCount)
            return failure(APATITE_INVALID, "no such transfer syntax");
        OFStandard::strlcpy(uid, found.proposedTransferSyntaxes[syntax], 68);
        return ok();
    });
}

void apatite_association_abort(apatite_association *association)
{
    if (association->dul) ASC_abortAssociation(association->dul);
}

void apatite_association_interrupt(apatite_association *association)
{
    int socket = association->layer.control;
    if (socket < 0) return;
    // A-ABORT by the service user (PS3.8 section 9.3.8), past DCMTK, whose state belongs to the blocked thread.
    static const uint8_t abort[] = {7, 0, 0, 0, 0, 4, 0, 0, 0, 0};
    (void)!send(socket, abort, sizeof abort, MSG_NOSIGNAL | MSG_DONTWAIT);
    shutdown(socket, SHUT_RDWR);
}

void apatite_association_free(apatite_association *association) { delete association; }
