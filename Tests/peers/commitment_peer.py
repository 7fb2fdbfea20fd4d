"""A Storage and Storage Commitment SCP that behaves as it is told.

usage: commitment_peer.py PORT MODE [CALLBACK_PORT]

MODE  same       reports on the association of the request
      new        reports on an association of its own to CALLBACK_PORT, as the provider by role selection
      new-plain  the same without role selection, in implicit VR
      drop       keeps nothing of the first sending, though it says Success; everything of the second
      drop-all   says Success, keeps nothing, and says so when asked
      silent     takes the request for commitment and never answers
      refuse     answers the request with 0124H, not authorized
Prints a line for each C-STORE (`store UID`) and each request (`action COUNT`).
"""
import sys
import threading

from pydicom.dataset import Dataset
from pynetdicom import AE, AllStoragePresentationContexts, build_role, evt
from pynetdicom.sop_class import StorageCommitmentPushModel, Verification

INSTANCE = "1.2.840.10008.1.20.1.1"
port, mode = int(sys.argv[1]), sys.argv[2]
callback = int(sys.argv[3]) if len(sys.argv) > 3 else None
sent = {}


def say(text):
    print(text, flush=True)


def store(event):
    uid = event.request.AffectedSOPInstanceUID
    sent[uid] = sent.get(uid, 0) + 1
    say(f"store {uid}")
    return 0x0000


def keeps(uid):
    return sent.get(uid, 0) >= {"drop": 2, "drop-all": 1 << 30}.get(mode, 1)


def report(request):
    answer = Dataset()
    answer.TransactionUID = request.TransactionUID
    kept, lost = [], []
    for item in request.ReferencedSOPSequence:
        named = Dataset()
        named.ReferencedSOPClassUID = item.ReferencedSOPClassUID
        named.ReferencedSOPInstanceUID = item.ReferencedSOPInstanceUID
        if keeps(item.ReferencedSOPInstanceUID):
            kept.append(named)
        else:
            named.FailureReason = 0x0112
            lost.append(named)
    if kept:
        answer.ReferencedSOPSequence = kept
    if lost:
        answer.FailedSOPSequence = lost
    return answer, 2 if lost else 1


def call_back(answer, kind):
    entity = AE(ae_title="PACS")
    roles = []
    if mode == "new":
        entity.add_requested_context(StorageCommitmentPushModel)
        roles = [build_role(StorageCommitmentPushModel, scp_role=True)]
    else:
        entity.add_requested_context(StorageCommitmentPushModel, "1.2.840.10008.1.2")
    association = entity.associate("127.0.0.1", callback, ae_title="APATITE", ext_neg=roles)
    if not association.is_established:
        return say("callback refused")
    status, _ = association.send_n_event_report(answer, kind, StorageCommitmentPushModel, INSTANCE)
    say(f"callback {status.Status:04X}")
    association.release()


def action(event):
    request = event.action_information
    say(f"action {len(request.ReferencedSOPSequence)}")
    if mode == "refuse":
        return 0x0124, None
    if mode != "silent":
        answer, kind = report(request)
        if callback:
            threading.Timer(0.1, call_back, (answer, kind)).start()
        else:
            arguments = (answer, kind, StorageCommitmentPushModel, INSTANCE)
            threading.Timer(0.1, event.assoc.send_n_event_report, arguments).start()
    return 0x0000, None


entity = AE(ae_title="PACS")
entity.supported_contexts = AllStoragePresentationContexts
entity.add_supported_context(Verification)
entity.add_supported_context(StorageCommitmentPushModel)
say("listening")
entity.start_server(
    ("127.0.0.1", port), evt_handlers=[(evt.EVT_C_STORE, store), (evt.EVT_N_ACTION, action)])
