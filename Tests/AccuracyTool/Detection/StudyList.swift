import Foundation

/// The lists of studies that detection is fitted and reported on, and how each list's studies are drawn: the contents of
/// `scripts/benchmarks/detection-studies.json`.
struct StudyList: Decodable {
    /// Ranges from which a study is drawn, and shares of studies.
    struct Generator: Decodable {
        var pairs: [String]
        var aluminiumMm: [Double]
        var titaniumMm: [Double]
        var noiseHU: [Double]
        var pixelMm: [Double]
        var sliceThicknessMm: [Double]
        /// Distance of the slices over their thickness.
        var sliceOverlap: [Double]
        var kernelCutoffPerCm: [Double]
        var deposits: [Double]
        var sizeFactor: [Double]
        /// Of each joint of the fingers.
        var bendDegrees: [Double]
        var acroOsteolysis: [Double]
        var vascularShare: [Double]
        var demineralisedShare: Double
        var healthyShare: Double
        var urateShare: Double
        var metalShare: Double
    }

    var hands: [UInt64]
    /// The seed's place in the list chooses the region.
    var others: [UInt64]
    var generator: Generator

    /// - Parameter name: `fit` or `report`.
    static func read(_ path: String, name: String) throws -> StudyList? {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        return try JSONDecoder().decode([String: StudyList].self, from: data)[name]
    }
}
