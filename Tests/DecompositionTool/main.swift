import DualEnergyCT
import Foundation

// point-wise SLICES THREADS RUNS    maps of a pair in memory, and what the memory alone would take
// steps SLICES THREADS RUNS         the same with noise, paths and tissue
// write SLICES LOW HIGH             a pair as raw 16 bit files of 512 x 512 slices
// stream SLICES THREADS LOW HIGH    maps of such files, slab by slab
//
// Each prints one line of JSON.

let maps: [MaterialMap] = [.hydroxyapatite, .deviation(of: .hydroxyapatite), .fatFraction, .waterFraction]
let arguments = Array(CommandLine.arguments.dropFirst())
func number(_ index: Int) -> Int { index < arguments.count ? max(1, Int(arguments[index]) ?? 1) : 1 }

switch arguments.first {
case "point-wise":
    let (threads, runs) = (number(2), number(3))
    let pair = SyntheticPair.whole(slices: number(1))
    let mapper = MaterialMapper(pair: pair)
    let work = SlabWork(mapper: mapper, threads: threads)
    let voxels = Double(pair.low.geometry.voxelCount)
    let mapping = milliseconds(runs: runs) { work.run() }
    let gigabytes = Bandwidth.scale(threads: threads, runs: runs)
    // Two images of 2 bytes in, four maps of 4 bytes out.
    let limit = voxels * 20 / gigabytes / 1e6
    print("{\"milliseconds\": \(mapping), \"limit\": \(limit), \"gigabytesPerSecond\": \(gigabytes)}")
case "steps":
    let threads = number(2)
    // The core takes what processors there are.
    hold(to: 0..<threads)
    let pair = SyntheticPair.whole(slices: number(1))
    let setUp = milliseconds(runs: number(3)) { _ = MaterialMapper(pair: pair) }
    let mapper = MaterialMapper(pair: pair)
    let work = SlabWork(mapper: mapper, threads: threads)
    let mapping = milliseconds(runs: number(3)) { work.run() }
    print("{\"setUp\": \(setUp), \"maps\": \(mapping)}")
case "write":
    try SyntheticPair.write(slices: number(1), low: arguments[2], high: arguments[3])
    print("{}")
case "stream":
    let milliseconds = RawStream(slices: number(1), low: arguments[3], high: arguments[4]).run(threads: number(2))
    print("{\"milliseconds\": \(milliseconds), \"peakResidentMegabytes\": \(peakResidentMegabytes())}")
default:
    FileHandle.standardError.write(Data("usage: decomposition-tool point-wise|steps|write|stream SLICES ...\n".utf8))
    exit(64)
}
