import Analysis
import CProcess
import Foundation

// One analysis: an AnalysisJob as JSON on standard input, an AnalysisOutcome as JSON on standard output, faults of the
// program on standard error. The exit status is the outcome's: 0, 3 or 4; 64 a job that cannot be read; 70 a failure
// that is not the study's.

Confinement.beforeAnythingIsRead()
let answer = Confinement.keepStandardOutputClean()

func fail(_ status: Int32, _ message: String) -> Never {
    FileHandle.standardError.write(Data("apatite-worker: \(message)\n".utf8))
    exit(status)
}

let job: AnalysisJob
do {
    job = try AnalysisJob(json: FileHandle.standardInput.readToEnd() ?? Data())
} catch {
    fail(64, "standard input holds no analysis job")
}
Confinement.limit(to: job.limits)
apatite_keep_freed_memory()

do {
    let folder = job.outputFolder
    // Without room on the disk the heap stays in ordinary memory.
    let outcome = try analyse(job) { _ = apatite_heap_in_file(folder, $0, keptMemoryBytes) }
    try answer.write(contentsOf: outcome.json())
    try answer.close()
    exit(outcome.exitStatus)
} catch {
    fail(70, "\(error)")
}
