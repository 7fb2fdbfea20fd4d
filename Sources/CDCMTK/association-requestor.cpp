#include "association.h"

#include <algorithm>
#include <cstring>
#include <unistd.h>
#include <vector>

using namespace apatite;

namespace {

void put16(std::vector<uint8_t> &bytes, uint16_t value)
{
    bytes.push_back(uint8_t(value & 0xFF));
    bytes.push_back(uint8_t(value >> 8));
}

void element(std::vector<uint8_t> &bytes, uint16_t number, const void *value, size_t length)
{
    // Commands are implicit VR little endian (PS3.7 section 6.3.1).
    put16(bytes, 0);
    put16(bytes, number);
    size_t padded = (length + 1) & ~size_t(1);
    put16(bytes, uint16_t(padded & 0xFFFF));
    put16(bytes, uint16_t(padded >> 16));
    const uint8_t *octets = static_cast<const uint8_t *>(value);
    bytes.insert(bytes.end(), octets, octets + length);
    if (padded > length) bytes.push_back(0);
}

void element(std::vector<uint8_t> &bytes, uint16_t number, uint16_t value)
{
    uint8_t octets[2] = {uint8_t(value & 0xFF), uint8_t(value >> 8)};
    element(bytes, number, octets, 2);
}

/// A request's command set. Written here because DCMTK sends command and data set in one call, which reads the file
/// element by element (PS3.7 tables 9.3-1 and 9.3-12).
std::vector<uint8_t> command_set(const apatite_request &request)
{
    const bool is_store = request.kind == APATITE_REQUEST_STORE;
    std::vector<uint8_t> rest;
    element(rest, 0x0002, request.sop_class, strlen(request.sop_class));
    element(rest, 0x0100, is_store ? uint16_t(0x0001) : uint16_t(0x0030));
    element(rest, 0x0110, request.message);
    if (is_store) element(rest, 0x0700, uint16_t(0));
    element(rest, 0x0800, is_store ? uint16_t(0x0001) : uint16_t(0x0101));
    if (is_store) element(rest, 0x1000, request.sop_instance, strlen(request.sop_instance));
    std::vector<uint8_t> bytes;
    uint32_t length = uint32_t(rest.size());
    uint8_t octets[4] = {uint8_t(length), uint8_t(length >> 8), uint8_t(length >> 16), uint8_t(length >> 24)};
    element(bytes, 0x0000, octets, 4);
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return bytes;
}

OFCondition send_command(apatite_association *association, const apatite_request *request)
{
    std::vector<uint8_t> command = command_set(*request);
    return send_fragments(
        *association->dul, request->context, DUL_COMMANDPDV, command.data(), command.size(), true);
}

} // namespace

apatite_status apatite_association_request(
    const char *host, uint16_t port, const char *calling, const char *called, uint32_t maximum_pdu, int seconds,
    const apatite_proposal *proposals, size_t count, apatite_association **out, apatite_rejection *rejection)
{
    apatite_initialize();
    *out = nullptr;
    *rejection = {0, 0, 0};
    return guarded([&]() -> apatite_status {
        auto association = std::make_unique<apatite_association>(-1);
        OFCondition result = ASC_initializeNetwork(NET_REQUESTOR, 0, seconds, &association->network);
        if (result.good()) result = ASC_setTransportLayer(association->network, &association->layer, 0);
        T_ASC_Parameters *parameters = nullptr;
        long pdu = std::clamp<long>(maximum_pdu, ASC_MINIMUMPDUSIZE, ASC_MAXIMUMPDUSIZE);
        if (result.good()) result = ASC_createAssociationParameters(&parameters, pdu);
        if (result.good()) result = ASC_setAPTitles(parameters, calling, called, nullptr);
        if (result.good()) name_implementation(*parameters);
        std::string peer = std::string(host) + ":" + std::to_string(port);
        char own[256] = "localhost";
        gethostname(own, sizeof own - 1);
        if (result.good()) result = ASC_setPresentationAddresses(parameters, own, peer.c_str());
        for (size_t i = 0; i < count && result.good(); i++)
            result = ASC_addPresentationContext(
                parameters, T_ASC_PresentationContextID(2 * i + 1), proposals[i].abstract_syntax,
                const_cast<const char **>(proposals[i].transfer_syntaxes), int(proposals[i].transfer_syntax_count),
                proposals[i].as_provider ? ASC_SC_ROLE_SCP : ASC_SC_ROLE_DEFAULT);
        if (result.bad()) {
            if (parameters) ASC_destroyAssociationParameters(&parameters);
            return failure(APATITE_INVALID, "the association cannot be proposed", result);
        }
        // From here on the parameters belong to the association.
        result = ASC_requestAssociation(
            association->network, parameters, &association->dul, nullptr, nullptr, DUL_NOBLOCK, seconds);
        if (result == DUL_ASSOCIATIONREJECTED) {
            T_ASC_RejectParameters reasons;
            ASC_getRejectParameters(parameters, &reasons);
            *rejection = {uint8_t(reasons.result), uint8_t(reasons.source), uint8_t(reasons.reason & 0xFF)};
            return failure(
                APATITE_REJECTED, "the peer rejected the association (result %u, source %u, reason %u)",
                rejection->result, rejection->source, rejection->reason);
        }
        if (result.bad()) return network_failure("no association", result);
        association->calling = calling;
        association->called = called;
        association->implementation = association->dul->params->theirImplementationVersionName;
        *out = association.release();
        return ok();
    });
}

apatite_status apatite_association_send_store(
    apatite_association *association, const apatite_request *request, int descriptor, uint64_t offset)
{
    return guarded([&]() -> apatite_status {
        OFCondition result = send_command(association, request);
        if (result.bad()) return network_failure("the request cannot be sent", result);
        // Whole fragments from each read; one read ahead, to know which is the last.
        size_t fragment = association->dul->sendPDVLength & ~size_t(1);
        size_t chunk = std::max(fragment, size_t(256 * 1024) / fragment * fragment);
        std::vector<uint8_t> current(chunk), ahead(chunk);
        auto fill = [&](std::vector<uint8_t> &buffer) -> ssize_t {
            size_t filled = 0;
            while (filled < chunk) {
                ssize_t got = pread(descriptor, buffer.data() + filled, chunk - filled, off_t(offset));
                if (got < 0 && errno == EINTR) continue;
                if (got < 0) return -1;
                if (got == 0) break;
                filled += size_t(got);
                offset += uint64_t(got);
            }
            return ssize_t(filled);
        };
        ssize_t length = fill(current);
        while (length >= 0) {
            ssize_t next = fill(ahead);
            if (next < 0) break;
            result = send_fragments(
                *association->dul, request->context, DUL_DATASETPDV, current.data(), size_t(length), next == 0);
            if (result.bad()) return network_failure("the data set cannot be sent", result);
            if (next == 0) return ok();
            std::swap(current, ahead);
            length = next;
        }
        // The command is out: the association cannot go on without its data set.
        return failure(APATITE_OTHER, "the file cannot be read: %s", strerror(errno));
    });
}

apatite_status apatite_association_send_store_converted(
    apatite_association *association, const apatite_request *request, const char *path)
{
    return guarded([&]() -> apatite_status {
        T_ASC_PresentationContext context;
        if (ASC_findAcceptedPresentationContext(association->dul->params, request->context, &context).bad())
            return failure(APATITE_INVALID, "no such presentation context");
        E_TransferSyntax syntax = DcmXfer(context.acceptedTransferSyntax).getXfer();
        DcmFileFormat file;
        OFCondition result = file.loadFile(path);
        if (result.bad()) return failure(APATITE_MALFORMED, "the file cannot be parsed", result);
        DcmDataset &data_set = *file.getDataset();
        if (data_set.chooseRepresentation(syntax, nullptr).bad() || !data_set.canWriteXfer(syntax))
            return failure(APATITE_UNSUPPORTED, "the object cannot be sent in the transfer syntax the peer accepts");
        T_DIMSE_Message message;
        memset(static_cast<void *>(&message), 0, sizeof message);
        message.CommandField = DIMSE_C_STORE_RQ;
        T_DIMSE_C_StoreRQ &store = message.msg.CStoreRQ;
        store.MessageID = request->message;
        OFStandard::strlcpy(store.AffectedSOPClassUID, request->sop_class, sizeof store.AffectedSOPClassUID);
        OFStandard::strlcpy(store.AffectedSOPInstanceUID, request->sop_instance, sizeof store.AffectedSOPInstanceUID);
        store.DataSetType = DIMSE_DATASET_PRESENT;
        store.Priority = DIMSE_PRIORITY_MEDIUM;
        result = DIMSE_sendMessageUsingMemoryData(
            association->dul, request->context, &message, nullptr, &data_set, nullptr, nullptr);
        return result.good() ? ok() : network_failure("the data set cannot be sent", result);
    });
}

apatite_status apatite_association_send_request(
    apatite_association *association, const apatite_request *request, apatite_file *data_set)
{
    return guarded([&]() -> apatite_status {
        T_DIMSE_Message message;
        memset(static_cast<void *>(&message), 0, sizeof message);
        if (request->kind == APATITE_REQUEST_ACTION) {
            message.CommandField = DIMSE_N_ACTION_RQ;
            T_DIMSE_N_ActionRQ &action = message.msg.NActionRQ;
            action.MessageID = request->message;
            action.ActionTypeID = request->type;
            action.DataSetType = DIMSE_DATASET_PRESENT;
            OFStandard::strlcpy(action.RequestedSOPClassUID, request->sop_class, sizeof action.RequestedSOPClassUID);
            OFStandard::strlcpy(
                action.RequestedSOPInstanceUID, request->sop_instance, sizeof action.RequestedSOPInstanceUID);
        } else if (request->kind == APATITE_REQUEST_FIND) {
            message.CommandField = DIMSE_C_FIND_RQ;
            T_DIMSE_C_FindRQ &find = message.msg.CFindRQ;
            find.MessageID = request->message;
            find.Priority = DIMSE_PRIORITY_MEDIUM;
            find.DataSetType = DIMSE_DATASET_PRESENT;
            OFStandard::strlcpy(find.AffectedSOPClassUID, request->sop_class, sizeof find.AffectedSOPClassUID);
        } else if (request->kind == APATITE_REQUEST_GET) {
            message.CommandField = DIMSE_C_GET_RQ;
            T_DIMSE_C_GetRQ &get = message.msg.CGetRQ;
            get.MessageID = request->message;
            get.Priority = DIMSE_PRIORITY_MEDIUM;
            get.DataSetType = DIMSE_DATASET_PRESENT;
            OFStandard::strlcpy(get.AffectedSOPClassUID, request->sop_class, sizeof get.AffectedSOPClassUID);
        } else if (request->kind == APATITE_REQUEST_MOVE) {
            message.CommandField = DIMSE_C_MOVE_RQ;
            T_DIMSE_C_MoveRQ &move = message.msg.CMoveRQ;
            move.MessageID = request->message;
            move.Priority = DIMSE_PRIORITY_MEDIUM;
            move.DataSetType = DIMSE_DATASET_PRESENT;
            OFStandard::strlcpy(move.AffectedSOPClassUID, request->sop_class, sizeof move.AffectedSOPClassUID);
            OFStandard::strlcpy(move.MoveDestination, request->destination, sizeof move.MoveDestination);
        } else {
            return failure(APATITE_INVALID, "no request with a data set");
        }
        OFCondition result = DIMSE_sendMessageUsingMemoryData(
            association->dul, request->context, &message, nullptr, data_set->format.getDataset(), nullptr, nullptr);
        return result.good() ? ok() : network_failure("the request cannot be sent", result);
    });
}

apatite_status apatite_association_send_echo(apatite_association *association, const apatite_request *request)
{
    return guarded([&]() -> apatite_status {
        OFCondition result = send_command(association, request);
        return result.good() ? ok() : network_failure("the request cannot be sent", result);
    });
}

apatite_status apatite_association_receive_answer(
    apatite_association *association, int seconds, uint16_t *message, uint16_t *status, char comment[68])
{
    comment[0] = 0;
    return guarded([&]() -> apatite_status {
        T_DIMSE_Message answer;
        memset(static_cast<void *>(&answer), 0, sizeof answer);
        DcmDataset *detail = nullptr;
        T_ASC_PresentationContextID context = 0;
        OFCondition result = DIMSE_receiveCommand(
            association->dul, DIMSE_NONBLOCKING, seconds, &context, &answer, &detail);
        std::unique_ptr<DcmDataset> owned(detail);
        if (result.bad()) return network_failure("no answer", result);
        if (answer.CommandField == DIMSE_C_STORE_RSP) {
            *message = answer.msg.CStoreRSP.MessageIDBeingRespondedTo;
            *status = answer.msg.CStoreRSP.DimseStatus;
        } else if (answer.CommandField == DIMSE_C_ECHO_RSP) {
            *message = answer.msg.CEchoRSP.MessageIDBeingRespondedTo;
            *status = answer.msg.CEchoRSP.DimseStatus;
        } else {
            return failure(APATITE_PROTOCOL, "an unexpected command (%04XH)", unsigned(answer.CommandField));
        }
        OFString text;
        if (owned && owned->findAndGetOFString(DCM_ErrorComment, text).good())
            OFStandard::strlcpy(comment, text.c_str(), 68);
        return ok();
    });
}

apatite_status apatite_association_release(apatite_association *association)
{
    return guarded([&]() -> apatite_status {
        OFCondition result = ASC_releaseAssociation(association->dul);
        return result.good() ? ok() : network_failure("the association was not released", result);
    });
}
