#include "association.h"

#include "dcmtk/dcmdata/dcistrmb.h"

#include <cstring>
#include <poll.h>
#include <unistd.h>
#include <vector>

using namespace apatite;

namespace {

void name(apatite_request &request, apatite_request_kind kind, const char *sop_class, const char *sop_instance = "")
{
    request.kind = kind;
    OFStandard::strlcpy(request.sop_class, sop_class, sizeof request.sop_class);
    OFStandard::strlcpy(request.sop_instance, sop_instance, sizeof request.sop_instance);
}

void answer(apatite_request &request, uint16_t message, uint16_t status, T_DIMSE_DataSetType data_set)
{
    request.kind = APATITE_REQUEST_ANSWER;
    request.message = message;
    request.type = status;
    request.has_data_set = data_set != DIMSE_DATASET_NULL;
}

/// What a command says, as far as it is of use here.
apatite_status describe(const T_DIMSE_Message &message, apatite_request &request)
{
    switch (message.CommandField) {
    case DIMSE_C_ECHO_RQ:
        request.message = message.msg.CEchoRQ.MessageID;
        name(request, APATITE_REQUEST_ECHO, message.msg.CEchoRQ.AffectedSOPClassUID);
        return ok();
    case DIMSE_C_STORE_RQ: {
        const T_DIMSE_C_StoreRQ &store = message.msg.CStoreRQ;
        if (store.DataSetType == DIMSE_DATASET_NULL)
            return failure(APATITE_PROTOCOL, "a C-STORE-RQ without a data set");
        request.message = store.MessageID;
        request.has_data_set = true;
        name(request, APATITE_REQUEST_STORE, store.AffectedSOPClassUID, store.AffectedSOPInstanceUID);
        return ok();
    }
    case DIMSE_N_EVENT_REPORT_RQ: {
        const T_DIMSE_N_EventReportRQ &event = message.msg.NEventReportRQ;
        request.message = event.MessageID;
        request.type = event.EventTypeID;
        request.has_data_set = event.DataSetType != DIMSE_DATASET_NULL;
        name(request, APATITE_REQUEST_EVENT_REPORT, event.AffectedSOPClassUID, event.AffectedSOPInstanceUID);
        return ok();
    }
    case DIMSE_N_ACTION_RSP: {
        const T_DIMSE_N_ActionRSP &action = message.msg.NActionRSP;
        answer(request, action.MessageIDBeingRespondedTo, action.DimseStatus, action.DataSetType);
        return ok();
    }
    case DIMSE_C_FIND_RSP: {
        const T_DIMSE_C_FindRSP &find = message.msg.CFindRSP;
        answer(request, find.MessageIDBeingRespondedTo, find.DimseStatus, find.DataSetType);
        return ok();
    }
    case DIMSE_C_GET_RSP: {
        const T_DIMSE_C_GetRSP &get = message.msg.CGetRSP;
        answer(request, get.MessageIDBeingRespondedTo, get.DimseStatus, get.DataSetType);
        return ok();
    }
    case DIMSE_C_MOVE_RSP: {
        const T_DIMSE_C_MoveRSP &move = message.msg.CMoveRSP;
        answer(request, move.MessageIDBeingRespondedTo, move.DimseStatus, move.DataSetType);
        return ok();
    }
    default: return failure(APATITE_PROTOCOL, "an unexpected command (%04XH)", unsigned(message.CommandField));
    }
}

/// N-EVENT-REPORT-RSP (PS3.7 table 10.3-1).
OFCondition answer_event(apatite_association &association, const apatite_request &request, uint16_t status)
{
    T_DIMSE_Message message;
    memset(static_cast<void *>(&message), 0, sizeof message);
    message.CommandField = DIMSE_N_EVENT_REPORT_RSP;
    T_DIMSE_N_EventReportRSP &response = message.msg.NEventReportRSP;
    response.MessageIDBeingRespondedTo = request.message;
    response.DimseStatus = status;
    response.DataSetType = DIMSE_DATASET_NULL;
    response.EventTypeID = request.type;
    OFStandard::strlcpy(response.AffectedSOPClassUID, request.sop_class, sizeof response.AffectedSOPClassUID);
    OFStandard::strlcpy(
        response.AffectedSOPInstanceUID, request.sop_instance, sizeof response.AffectedSOPInstanceUID);
    response.opts = O_NEVENTREPORT_AFFECTEDSOPCLASSUID | O_NEVENTREPORT_AFFECTEDSOPINSTANCEUID
        | O_NEVENTREPORT_EVENTTYPEID;
    return DIMSE_sendMessageUsingMemoryData(
        association.dul, request.context, &message, nullptr, nullptr, nullptr, nullptr);
}

} // namespace

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
        return describe(message, *request);
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

apatite_status apatite_association_receive_data_set(
    apatite_association *association, uint8_t context, int seconds, size_t limit, apatite_file **out)
{
    *out = nullptr;
    return guarded([&]() -> apatite_status {
        T_ASC_PresentationContext accepted;
        if (ASC_findAcceptedPresentationContext(association->dul->params, context, &accepted).bad())
            return failure(APATITE_PROTOCOL, "a data set on a refused presentation context");
        std::vector<uint8_t> bytes;
        DUL_PDV fragment;
        do {
            OFCondition result = next_fragment(*association->dul, seconds, fragment);
            if (result.bad()) return network_failure("the data set ended early", result);
            if (fragment.pdvType != DUL_DATASETPDV) return failure(APATITE_PROTOCOL, "a command inside a data set");
            if (bytes.size() + fragment.fragmentLength > limit)
                return failure(APATITE_LIMIT, "the data set is longer than %zu bytes", limit);
            const uint8_t *data = static_cast<const uint8_t *>(fragment.data);
            bytes.insert(bytes.end(), data, data + fragment.fragmentLength);
        } while (!fragment.lastPDV);
        auto file = std::make_unique<apatite_file>();
        file->transfer_syntax = accepted.acceptedTransferSyntax;
        DcmInputBufferStream buffer;
        buffer.setBuffer(bytes.data(), offile_off_t(bytes.size()));
        buffer.setEos();
        DcmDataset &data_set = *file->format.getDataset();
        data_set.transferInit();
        OFCondition result = data_set.read(buffer, DcmXfer(accepted.acceptedTransferSyntax).getXfer(), EGL_noChange);
        data_set.transferEnd();
        if (result.bad()) return failure(APATITE_MALFORMED, "the data set cannot be parsed", result);
        apatite_status text = convert_text(data_set);
        if (text.code != APATITE_OK) return text;
        *out = file.release();
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
        } else if (request->kind == APATITE_REQUEST_EVENT_REPORT) {
            result = answer_event(*association, *request, status);
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
