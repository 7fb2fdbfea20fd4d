import Foundation
import Pipeline
import TestSupport
import Testing

/// A folder with a shell script in the place of the worker: a real process, with what the test needs it to do.
final class ScriptedWorker {
    let folder: URL

    init(_ script: String) throws {
        folder = try TemporaryFolder("worker").url
        try Data("{}".utf8).write(to: folder.appending(path: "job.json"))
        let path = folder.appending(path: "worker").path
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    var executable: String { folder.appending(path: "worker").path }

    func process(wallSeconds: Double = 30) throws -> WorkerProcess {
        try WorkerProcess(executable: executable, folder: folder.path, wallSeconds: wallSeconds)
    }
}

struct WorkerProcessTests {
    @Test func itReadsTheJobAndAnswersOnStandardOutput() async throws {
        let worker = try ScriptedWorker("cat; echo oops >&2; exit 3")
        #expect(try await worker.process().run() == .exited(status: 3, output: Data("{}".utf8)))
        let log = try String(contentsOf: worker.folder.appending(path: "worker.log"), encoding: .utf8)
        #expect(log == "oops\n")
    }

    @Test func aLargeAnswerComesWhole() async throws {
        let worker = try ScriptedWorker("head -c 1000000 /dev/zero")
        #expect(try await worker.process().run() == .exited(status: 0, output: Data(count: 1_000_000)))
    }

    @Test func aCrashIsNamedByItsSignal() async throws {
        let worker = try ScriptedWorker("kill -SEGV $$")
        #expect(try await worker.process().run() == .killed(signal: SIGSEGV))
    }

    @Test func oneThatHangsIsKilledWithAllItStarted() async throws {
        let worker = try ScriptedWorker("sleep 600 & echo $! > $(dirname $0)/child; exec sleep 600")
        #expect(try await worker.process(wallSeconds: 0.5).run() == .timedOut)
        let text = try String(contentsOf: worker.folder.appending(path: "child"), encoding: .utf8)
        let child = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        // It is gone, or a zombie that its new parent has not collected yet.
        let state = (try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)) ?? ") Z"
        #expect(state.contains(") Z") || state.contains(") X"))
    }

    @Test func cancellingKillsItAtOnce() async throws {
        let worker = try ScriptedWorker("exec sleep 600")
        let process = try worker.process()
        let start = ContinuousClock.now
        let task = Task { await process.run() }
        try await Task.sleep(for: .milliseconds(200))
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test func aWorkerThatIsNotThereIsNamed() async throws {
        let worker = try ScriptedWorker("exit 0")
        let process = try WorkerProcess(executable: "/nonexistent/worker", folder: worker.folder.path, wallSeconds: 5)
        #expect(await process.run() == .notStarted(reason: "No such file or directory"))
    }

    @Test func itInheritsNoDescriptorOfTheService() async throws {
        let worker = try ScriptedWorker("ls /proc/self/fd | tr '\\n' ' '")
        let leak = open("/dev/null", O_RDONLY)
        defer { close(leak) }
        guard case .exited(0, let output) = try await worker.process().run() else {
            Issue.record("the script ends with 0")
            return
        }
        // 3 is the folder that `ls` itself reads.
        #expect(String(decoding: output, as: UTF8.self) == "0 1 2 3 ")
    }
}
