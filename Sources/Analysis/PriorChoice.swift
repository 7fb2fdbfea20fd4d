import DualEnergyCT
import Foundation
import Report

/// Chooses what an examination can be compared with: the newest report of the same part and side of the body. Where the
/// side is not known it is never guessed: there is no prior.
///
/// - Parameter folders: earlier results of the same patient with their `findings.json`, newest first.
func choosePrior(_ folders: [String], region: BodyRegion, laterality: Laterality) -> String? {
    guard laterality != .unknown else { return nil }
    let wanted = Place(region: region, laterality: laterality)
    return folders.first { placeOfResults(in: $0) == wanted }
}

/// - Returns: nil when the folder holds no report of findings that can be read.
private func placeOfResults(in folder: String) -> Place? {
    guard let data = FileManager.default.contents(atPath: "\(folder)/findings.json"),
        let document = try? JSONDecoder().decode(FindingsDocument.self, from: data), document.status == .reported,
        let acquisition = document.acquisition, let region = BodyRegion(rawValue: acquisition.region),
        let side = Laterality(rawValue: acquisition.laterality)
    else { return nil }
    return Place(region: region, laterality: side)
}
