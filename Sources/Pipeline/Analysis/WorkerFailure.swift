internal import Analysis
internal import Foundation
package import Ledger

/// What a worker that did not give an outcome means for its study.
public struct WorkerFailure: Error, Sendable, Equatable {
    package var reason: StudyReason
    /// The worker is not there, or says that the disk or the job failed and not the study.
    package var isOutsideTheStudy = false

    package init(reason: StudyReason) { self.reason = reason }

    /// - Returns: nil when the end is a proper outcome or the service's own doing.
    package init?(_ end: WorkerEnd) {
        let what: String
        let code: String
        switch end {
        case .cancelled: return nil
        case .exited(let status, let output):
            if (try? AnalysisOutcome(json: output)) != nil, [0, 3, 4].contains(status) { return nil }
            // sysexits.h, as the worker ends: a job that it cannot read, a folder that it cannot write.
            isOutsideTheStudy = [64, 70].contains(status)
            code = "workerFailed"
            what = "the analysis ended with status \(status) and no outcome"
        case .killed(let signal):
            (code, what) = Self.words(signal)
        case .timedOut:
            code = "workerTimedOut"
            what = "the analysis took longer than limits.worker_wall_seconds"
        case .notStarted(let reason):
            isOutsideTheStudy = true
            code = "workerNotStarted"
            what = "the worker could not be started: \(reason)"
        }
        self.reason = StudyReason(code: code, message: what, remedy: Self.remedy(code))
    }

    private static func words(_ signal: Int32) -> (String, String) {
        switch signal {
        case SIGXCPU: ("workerProcessorTime", "the analysis used more than limits.worker_processor_seconds")
        case SIGKILL:
            ("workerKilled", "the worker was killed (signal 9), as the kernel does when memory runs out")
        case SIGXFSZ: ("workerFileSize", "the worker wrote a file larger than it may")
        default:
            (
                "workerCrashed",
                "the worker crashed (signal \(signal)), as it also does beyond limits.worker_memory_megabytes"
            )
        }
    }

    private static func remedy(_ code: String) -> String {
        switch code {
        case "workerProcessorTime", "workerTimedOut", "workerKilled":
            "Look at the size of the study; raise the limit if it is in order, then: apatitectl retry."
        case "workerNotStarted": "Correct service.worker in the configuration and restart the service."
        default: "Report the fault with the study's worker.log; other studies are not affected."
        }
    }
}
