public import DICOM
public import DualEnergyCT
import Foundation

/// Writes material maps as `maps/KIND/NNNN.dcm`, slab by slab: the maps themselves are never whole in memory.
///
/// The same source and findings give the same bytes and the same UIDs.
public final class MapWriter {
    private let folder: String
    private let series: [MapImage]
    private let geometry: GridGeometry
    private var written: [MaterialMap: [WrittenResult]] = [:]

    /// - Parameters:
    ///   - findings: what the maps belong to; nil for maps alone, without an analysis.
    ///   - calibration: what the densities rest on, where there are no findings to say so.
    ///   - folder: an existing folder; maps of the same kind in it are replaced.
    /// - Throws: `CocoaError` when a folder cannot be made.
    public init(
        _ maps: [MaterialMap], findings: Findings?, calibration: String = "", source: ReportSource, folder: String
    ) throws {
        let named = source.withNames
        let source = findings.map { named.sayingNoWrongSide($0) } ?? named
        let identity =
            findings.map { ResultIdentity(source: source, findings: $0) }
            ?? ResultIdentity(source: source, calibration: calibration)
        self.folder = folder
        geometry = source.grid
        precondition(
            source.low.slices.count == geometry.slices && source.high.slices.count == geometry.slices,
            "slice references describe the grid")
        var seen: Set<MaterialMap> = []
        series = maps.filter { seen.insert($0).inserted }.map {
            MapImage(map: $0, source: source, identity: identity)
        }
        for image in series {
            let path = path(image.map)
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
    }

    /// Writes some slices of every map.
    ///
    /// - Parameter values: of each map in the mapper's units, columns fastest, then rows, then slices.
    /// - Throws: `DICOMError`
    public func write(_ slices: Range<Int>, _ values: [MaterialMap: [Float]]) throws(DICOMError) {
        let pixels = geometry.columns * geometry.rows
        for image in series {
            guard let slab = values[image.map], slab.count == pixels * slices.count else {
                preconditionFailure("every map has the values of its slices")
            }
            for k in slices {
                let start = (k - slices.lowerBound) * pixels
                let path = "\(path(image.map))/\(fileName(k))"
                try image.write(slice: k, values: slab[start..<(start + pixels)], to: path)
                let instance = StoredInstance(
                    sopClassUID: SOPClass.ctImage, sopInstanceUID: image.sopInstanceUID(slice: k),
                    transferSyntaxUID: TransferSyntax.explicitLittleEndian.uid, path: path)
                written[image.map, default: []].append(
                    WrittenResult(
                        kind: .map, path: path, instance: instance, seriesInstanceUID: image.seriesInstanceUID))
            }
        }
    }

    /// What was written, map by map in the order of its slices.
    public var results: [WrittenResult] { series.flatMap { written[$0.map] ?? [] } }

    private func path(_ map: MaterialMap) -> String {
        "\(folder)/\(WrittenResult.Kind.map.fileName)/\(map.folderName)"
    }

    /// Four digits at least, so that names sort as slices do.
    private func fileName(_ k: Int) -> String {
        let number = "\(k + 1)"
        return String(repeating: "0", count: max(0, 4 - number.count)) + number + ".dcm"
    }
}
