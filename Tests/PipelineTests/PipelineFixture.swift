import Configuration
import Foundation
import Ledger
import Logging
import Pipeline
import ServiceLifecycle
import TestSupport
import Testing

/// A whole installation in one temporary folder, with a shell script in the place of the worker.
final class PipelineFixture: Sendable {
    let folder: URL
    let configuration: ApatiteConfiguration

    /// `reporting`, but ends by a segmentation fault on jobs that hold a word.
    static func crashing(onJobsWith word: String) -> String {
        "job=$(cat); echo \"$job\" | grep -q \(word) && kill -SEGV $$; \(reporting)"
            .replacingOccurrences(of: "out=$(sed", with: "out=$(echo \"$job\" | sed")
    }

    /// Writes a report into the folder that the job names, as the worker does.
    static let reporting = """
        out=$(sed 's/.*"outputFolder":"\\([^"]*\\)".*/\\1/')
        echo report > "$out/sr.dcm"
        echo "{\\"status\\":\\"reported\\",\\"reasons\\":[],\\"acquisitionDigest\\":\\"d\\",\\"findings\\":\\"findings.json\\",\\
        \\"mayBeIncomplete\\":false,\\"artefacts\\":[{\\"kind\\":\\"sr\\",\\"sopClassUID\\":\\"1.2\\",\\
        \\"sopInstanceUID\\":\\"9.${out##*study-}\\",\\"seriesInstanceUID\\":\\"9.9\\",\\"transferSyntaxUID\\":\\"1.2\\",\\
        \\"path\\":\\"$out/sr.dcm\\"}]}" | sed 's#9\\.\\([0-9]*\\)/[^"]*"#9.\\1"#'
        """

    static func outcome(_ status: String, code: String, mayBeIncomplete: Bool, exit: Int) -> String {
        """
        echo '{"status":"\(status)","findings":"findings.json","mayBeIncomplete":\(mayBeIncomplete),"artefacts":[],\
        "reasons":[{"code":"\(code)","message":"m","remedy":"r"}]}'; exit \(exit)
        """
    }

    init(worker script: String, change: (inout ApatiteConfiguration) -> Void = { _ in }) throws {
        folder = try TemporaryFolder("pipeline").url
        let worker = folder.appending(path: "worker").path
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: worker))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: worker)
        var configuration = ApatiteConfiguration()
        configuration.service.stateFolder = folder.appending(path: "state").path
        configuration.service.worker = worker
        configuration.completion.quietSeconds = 0.1
        configuration.destinations = [.init(name: "pacs", host: "127.0.0.1", port: 1, aeTitle: "PACS")]
        change(&configuration)
        self.configuration = configuration
    }

    func pipeline() throws -> Pipeline {
        try Pipeline(configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs completion and analysis while `body` runs, then stops them as SIGTERM would.
    func run(_ pipeline: Pipeline, _ body: @Sendable @escaping () async throws -> Void) async throws {
        let group = ServiceGroup(
            services: pipeline.workServices, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    static func record(_ instance: String, study: String = "1.2.3", in ledger: Ledger) throws {
        _ = try ledger.record(
            ReceivedInstance(
                sopClassUID: "1.2.840.10008.5.1.4.1.1.2", sopInstanceUID: instance, seriesInstanceUID: study + ".1",
                studyInstanceUID: study, transferSyntaxUID: "1.2.840.10008.1.2.1", callingAETitle: "CT1",
                calledAETitle: "APATITE", sha256: "aa", byteCount: 1, path: "received/\(instance)", receivedAt: Date()))
    }
}

/// Waits until the ledger says so; fails after a time that only a fault can take.
func eventually(_ what: String, _ condition: @Sendable () throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try !condition() {
        try #require(ContinuousClock.now < deadline, "waited in vain: \(what)")
        try await Task.sleep(for: .milliseconds(20))
    }
}
