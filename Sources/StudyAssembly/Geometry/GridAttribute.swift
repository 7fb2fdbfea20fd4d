/// What two images must share to lie on one grid and to be of one sharpness.
///
/// None of them is mended by resampling: images of unlike voxels, slices or kernels are blurred unlike, so that every edge
/// of bone differs between the energies as calcium and urate do, and no interpolation gives back what one of them lacks.
enum GridAttribute: String, CaseIterable {
    case frameOfReference = "frame of reference"
    case imageSize = "image size"
    case pixelSpacing = "pixel spacing"
    case orientation
    case sliceThickness = "slice thickness"
    case kernel

    func isSame(_ a: ImageHeader, _ b: ImageHeader) -> Bool {
        switch self {
        case .frameOfReference: a.frameOfReferenceUID == b.frameOfReferenceUID
        case .imageSize: a.rows == b.rows && a.columns == b.columns
        case .pixelSpacing: Self.close(a.pixelSpacing, b.pixelSpacing, 1e-4)
        case .orientation: Self.close(a.orientation, b.orientation, 1e-3)
        case .sliceThickness: Self.close([a.sliceThickness ?? 0], [b.sliceThickness ?? 0], 1e-2)
        case .kernel: a.kernel == b.kernel
        }
    }

    /// The attribute with what both images have of it: "kernel (Qr40 and Br59)".
    func words(_ a: ImageHeader, _ b: ImageHeader) -> String {
        func both(_ value: (ImageHeader) -> String, _ unit: String = "") -> String {
            "\(rawValue) (\(value(a)) and \(value(b))\(unit))"
        }
        return switch self {
        case .frameOfReference: rawValue
        case .imageSize: both { "\($0.columns) x \($0.rows)" }
        case .pixelSpacing: both({ $0.pixelSpacing.map { number($0) }.joined(separator: " x ") }, " mm")
        case .orientation: both { $0.orientation.map { number($0) }.joined(separator: " ") }
        case .sliceThickness: both({ $0.sliceThickness.map { number($0) } ?? "none" }, " mm")
        case .kernel: both { $0.kernel.isEmpty ? "none" : $0.kernel }
        }
    }

    private static func close(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
    }
}
