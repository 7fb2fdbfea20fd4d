package import DualEnergyCT

/// The scanned part seen flat: the volume projected along the direction in which it is thinnest.
package struct Projection: Sendable {
    package var width: Int
    package var height: Int
    package var pixelWidthMm: Double
    package var pixelHeightMm: Double
    /// Row by row from the top; 255 is the densest.
    package var grey: [UInt8]
    /// The label that is shown at a pixel: a deposit before an excluded region, otherwise none.
    package var labels: [UInt16]
    /// Letters of the patient's directions at the edges: R, L, A, P, H (head), F (feet).
    package var topLetter: String
    package var bottomLetter: String
    package var leftLetter: String
    package var rightLetter: String

    /// Projects an image with its labels.
    ///
    /// - Parameters:
    ///   - image: CT numbers in HU.
    ///   - labels: values of `SegmentLabel` on the same grid.
    ///   - part: what of it is shown; nil for all that is bone, deposit or, without any, tissue.
    package init(image: Volume<Int16>, labels: Volume<UInt16>, part: ImagePart? = nil) {
        let geometry = image.geometry
        let part = part ?? ImagePart.all(image: image, labels: labels)
        let box = part.box
        let view = View(geometry: geometry, box: box, isUpsideDown: part.isUpsideDown)
        width = view.horizontalRange.count
        height = view.verticalRange.count
        pixelWidthMm = view.spacing(view.horizontal, geometry)
        pixelHeightMm = view.spacing(view.vertical, geometry)
        (leftLetter, rightLetter) = view.letters(view.horizontal, flipped: view.flipsHorizontally, geometry)
        (topLetter, bottomLetter) = view.letters(view.vertical, flipped: view.flipsVertically, geometry)

        var highest = [Int16](repeating: .min, count: width * height)
        var sum = [Int32](repeating: 0, count: width * height)
        var shown = [UInt16](repeating: 0, count: width * height)
        image.voxels.withUnsafeBufferPointer { values in
            labels.voxels.withUnsafeBufferPointer { marks in
                for k in box.slices {
                    for j in box.rows {
                        for i in box.columns {
                            let source = geometry.index(i, j, k)
                            let target = view.pixel(i, j, k)
                            let value = values[source]
                            highest[target] = max(highest[target], value)
                            sum[target] += Int32(max(value, -1000)) + 1000
                            let mark = marks[source]
                            if mark >= SegmentLabel.excluded { shown[target] = Self.preferred(shown[target], mark) }
                        }
                    }
                }
            }
        }
        self.labels = shown
        grey = Self.grey(highest: highest, sum: sum)
    }

    /// The deposit with the lower number hides the others, and an excluded region.
    private static func preferred(_ a: UInt16, _ b: UInt16) -> UInt16 {
        if a < SegmentLabel.firstDeposit { return max(a, b) }
        return b < SegmentLabel.firstDeposit ? a : min(a, b)
    }

    /// Bone stands out by its maximum, soft tissue by the sum, as on a radiograph: half of each.
    private static func grey(highest: [Int16], sum: [Int32]) -> [UInt8] {
        let sorted = sum.sorted()
        let black = Double(sorted[sorted.count / 50])
        let white = max(Double(sorted[sorted.count - 1 - sorted.count / 200]), black + 1)
        // The densest cortex decides where white begins: at 80 kV it is far denser than at 140 kV.
        let peaks = highest.sorted()
        let densest = max(Double(peaks[peaks.count - 1 - peaks.count / 500]), 800)
        return zip(highest, sum).map { peak, total in
            // From fat to cortex.
            let maximum = min(max((Double(peak) + 150) / (densest + 150), 0), 1)
            let radiograph = min(max((Double(total) - black) / (white - black), 0), 1)
            return UInt8((255 * (0.5 * maximum + 0.5 * radiograph)).rounded())
        }
    }
}
