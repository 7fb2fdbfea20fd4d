import StudyAssembly

/// Headers as a scanner writes them, one attribute at a time away from a whole study.
enum Sample {
    static func slice(_ index: Int, series: Int, kilovolts: Double, description: String) -> ImageHeader {
        var header = ImageHeader(path: "/scan/\(series)-\(index).dcm", byteCount: 525_000)
        header.patientID = "P1"
        header.patientName = "DOE^JANE"
        header.patientBirthDate = "19600101"
        header.studyInstanceUID = "1.2.3"
        header.seriesInstanceUID = "1.2.3.\(series)"
        header.sopInstanceUID = "1.2.3.\(series).\(index + 1)"
        header.sopClassUID = "1.2.840.10008.5.1.4.1.1.2"
        header.frameOfReferenceUID = "1.2.3.0"
        header.modality = "CT"
        header.manufacturer = "SIEMENS"
        header.imageType = ["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM7 SPI"]
        header.seriesNumber = series
        header.instanceNumber = index + 1
        header.seriesDescription = description
        header.bodyPart = "HAND"
        header.laterality = "R"
        header.kernel = "Qr40d"
        header.kilovolts = [kilovolts]
        header.rows = 512
        header.columns = 512
        header.pixelSpacing = [0.4, 0.4]
        header.orientation = [1, 0, 0, 0, 1, 0]
        header.position = [-100, -100, 50 + 0.5 * Double(index)]
        header.sliceThickness = 0.6
        header.rescaleIntercept = -1024
        header.rescaleType = "HU"
        return header
    }

    static func series(
        _ number: Int, kilovolts: Double, description: String, tube: String? = nil, slices: Int = 10
    ) -> [ImageHeader] {
        (0..<slices).map { index in
            var header = slice(index, series: number, kilovolts: kilovolts, description: description)
            if let tube { header.imageType += ["DNRG", "DET_\(tube)"] }
            return header
        }
    }

    static var low: [ImageHeader] { series(4, kilovolts: 80, description: "DE_Hand_80kV_A_Qr40", tube: "A") }
    static var high: [ImageHeader] { series(5, kilovolts: 150, description: "DE_Hand_Sn150kV_B_Qr40", tube: "B") }
    static var study: [ImageHeader] { low + high }
    static var single: [ImageHeader] { series(4, kilovolts: 120, description: "Hand 0.6 Br59") }
}

/// What the decision from headers alone was, in one word.
func decision(_ headers: [ImageHeader]) -> String {
    do {
        switch try StudyAssembler().choose(headers) {
        case .leftAlone(let reason): return "left alone: \(reason.code.rawValue)"
        case .grid: return "grid"
        }
    } catch {
        return "set aside: " + error.reasons.map(\.code.rawValue).joined(separator: ", ")
    }
}

func reasons(_ headers: [ImageHeader]) -> [FateReason] {
    do {
        _ = try StudyAssembler().choose(headers)
        return []
    } catch {
        return error.reasons
    }
}

extension [ImageHeader] {
    /// The same headers with one thing changed in those that the test picks.
    func changing(_ picked: (Int) -> Bool = { _ in true }, _ change: (inout ImageHeader) -> Void) -> [ImageHeader] {
        enumerated().map { index, header in
            var header = header
            if picked(index) { change(&header) }
            return header
        }
    }
}
