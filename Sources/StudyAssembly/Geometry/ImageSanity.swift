import DualEnergyCT

/// Limits a header must keep before anything is done with it. Far outside what any scanner makes: their breach means
/// a broken or hostile file, not an unusual scan.
enum ImageSanity {
    static let sides = 16...8192
    static let spacingMm = 0.02...10.0
    static let thicknessMm = 0.02...50.0
    /// Patient coordinates in mm.
    static let farthestMm = 1e5
    /// Of the direction cosines from unit length and from a right angle.
    static let cosineTolerance = 1e-3

    /// The first thing that is wrong with the geometry or the rescaling of an image.
    static func check(_ header: ImageHeader) -> FateReason? {
        size(header) ?? spacing(header) ?? orientation(header) ?? position(header) ?? pixels(header)
    }

    private static let resend = "Send the series again; if it comes the same way, ask the scanner's service."

    private static func size(_ header: ImageHeader) -> FateReason? {
        guard !sides.contains(header.rows) || !sides.contains(header.columns) else { return nil }
        return FateReason(
            .absurdSize, "An image claims \(header.rows) rows and \(header.columns) columns.", remedy: resend)
    }

    private static func spacing(_ header: ImageHeader) -> FateReason? {
        let spacing = header.pixelSpacing
        guard spacing.count == 2, spacing.allSatisfy({ spacingMm.contains($0) }) else {
            return FateReason(
                .absurdGeometry,
                "Pixel Spacing is not two lengths between \(spacingMm.lowerBound) and \(spacingMm.upperBound) mm: "
                    + list(spacing) + ".", remedy: resend)
        }
        if let thickness = header.sliceThickness, !thicknessMm.contains(thickness) {
            return FateReason(.absurdGeometry, "Slice Thickness is \(number(thickness)) mm.", remedy: resend)
        }
        return nil
    }

    private static func orientation(_ header: ImageHeader) -> FateReason? {
        let values = header.orientation
        guard values.count == 6, values.allSatisfy({ $0.isFinite && abs($0) <= 2 }) else {
            return FateReason(
                .absurdGeometry, "Image Orientation (Patient) is not six direction cosines: \(list(values)).",
                remedy: resend)
        }
        let row = PatientVector(values[0], values[1], values[2])
        let column = PatientVector(values[3], values[4], values[5])
        guard abs(row.length - 1) < cosineTolerance, abs(column.length - 1) < cosineTolerance,
            abs(row.dot(column)) < cosineTolerance
        else {
            return FateReason(
                .absurdGeometry,
                "Image Orientation (Patient) is not two unit vectors at a right angle: \(list(values)).",
                remedy: resend)
        }
        return nil
    }

    private static func position(_ header: ImageHeader) -> FateReason? {
        guard header.position.count == 3, header.position.allSatisfy({ abs($0) < farthestMm }) else {
            return FateReason(
                .absurdGeometry, "Image Position (Patient) is not three lengths: \(list(header.position)).",
                remedy: resend)
        }
        guard let tilt = header.gantryTilt, !(abs(tilt) <= 0.5) else { return nil }
        return FateReason(
            .gantryTilt, "The gantry was tilted by \(number(tilt)) degrees; tilted slices are no grid.",
            remedy: "Scan without gantry tilt.")
    }

    private static func pixels(_ header: ImageHeader) -> FateReason? {
        guard header.rescaleSlope.isFinite, abs(header.rescaleSlope) > 1e-6, abs(header.rescaleSlope) < 1e4,
            header.rescaleIntercept.isFinite, abs(header.rescaleIntercept) < 1e6
        else {
            return FateReason(
                .badRescale,
                "Rescale Slope \(number(header.rescaleSlope)) and Intercept \(number(header.rescaleIntercept)) "
                    + "give no CT numbers.", remedy: resend)
        }
        guard header.samplesPerPixel == 1, header.photometricInterpretation == "MONOCHROME2" else {
            return FateReason(
                .unsupportedPixels, "The images are not single-sample MONOCHROME2.",
                remedy: "Send the original CT images.")
        }
        return nil
    }

    private static func list(_ values: [Double]) -> String {
        values.isEmpty ? "absent" : values.prefix(8).map(number).joined(separator: ", ")
    }
}

/// A number for a message: as written, NaN as "no number".
func number(_ value: Double) -> String {
    guard value.isFinite else { return "no number" }
    guard abs(value) < 1e12 else { return String(value) }
    let rounded = (value * 1000).rounded() / 1000
    return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
}
