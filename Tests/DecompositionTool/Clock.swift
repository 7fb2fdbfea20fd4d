import Foundation
import Glibc

/// Milliseconds that a piece of work takes: the median of several runs after one that is not counted.
func milliseconds(runs: Int, _ work: () -> Void) -> Double {
    work()
    let clock = ContinuousClock()
    let times = (0..<runs).map { _ -> Double in
        let duration = clock.measure(work)
        return Double(duration.components.seconds) * 1000 + Double(duration.components.attoseconds) / 1e15
    }
    return times.sorted()[runs / 2]
}

/// `sched_setaffinity(2)`, which the C library declares for GNU sources only.
private let setAffinity = unsafeBitCast(
    dlsym(nil, "sched_setaffinity"), to: (@convention(c) (Int32, Int, UnsafeRawPointer) -> Int32).self)

/// Holds the calling thread, and those that it starts from now on, to a range of processors.
func hold(to processors: Range<Int>) {
    var set = cpu_set_t()
    withUnsafeMutableBytes(of: &set) { bytes in
        for processor in processors { bytes[processor / 8] |= UInt8(1 << (processor % 8)) }
    }
    _ = setAffinity(0, MemoryLayout<cpu_set_t>.size, &set)
}

/// Runs the body once on each of several threads, each pinned to a processor of its own.
func onPinnedThreads(_ count: Int, _ body: @escaping @Sendable (_ thread: Int) -> Void) {
    let ended = DispatchSemaphore(value: 0)
    for thread in 0..<count {
        let worker = Thread {
            hold(to: thread..<(thread + 1))
            body(thread)
            ended.signal()
        }
        worker.stackSize = 8 << 20
        worker.start()
    }
    for _ in 0..<count { ended.wait() }
}

/// The most that this process ever had in memory, in megabytes: anonymous memory and its program.
func peakResidentMegabytes() -> Double {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
    return (number ?? .nan) / 1024
}
