package import DualEnergyCT

/// A radiograph as it would be taken of a part: the attenuation added up from front to back, once as it is and once with
/// the deposits taken out.
///
/// A parallel projection: of a hand postero-anterior, along the normal of the palm, where the palm is known; else from
/// front to back.
package struct Radiograph {
    package let width: Int
    package let height: Int
    package let pixelMm: Double
    /// Water-equivalent thickness in mm, row by row.
    package let asScanned: [Double]
    /// The same without the deposits; nil when there are none.
    package let withoutDeposits: [Double]?
    /// Letters of the patient's directions: left, right, top, bottom edge.
    package let letters: (left: String, right: String, top: String, bottom: String)
    /// From the back of the hand to the palm, and not from the patient's front.
    package let isPosteroAnterior: Bool

    /// - Parameter volar: unit vector out of the palm, in the patient; nil where it is not known.
    package init(
        image: Volume<Int16>, labels: Volume<UInt16>, part: ImagePart, isHand: Bool, volar: PatientVector? = nil
    ) {
        let body = image.cropped(to: part.box)
        let marks = labels.cropped(to: part.box)
        let axes = RadiographAxes(marks, isHand: isHand, isUpsideDown: part.isUpsideDown, volar: volar)
        isPosteroAnterior = axes.isPosteroAnterior
        let g = body.geometry
        // The box seen along the axes.
        let corners = [0, g.columns - 1].flatMap { i in
            [0, g.rows - 1].flatMap { j in
                [0, g.slices - 1].map { k in g.position(Double(i), Double(j), Double(k)) - g.origin }
            }
        }
        func extent(_ axis: PatientVector) -> (low: Double, high: Double) {
            let values = corners.map { $0.dot(axis) }
            return (values.min() ?? 0, values.max() ?? 0)
        }
        let (across, along, deep) = (extent(axes.right), extent(axes.down), extent(axes.depth))
        let longest = max(across.high - across.low, along.high - along.low)
        pixelMm = max(longest / 900, min(g.columnSpacingMm, g.rowSpacingMm, g.sliceSpacingMm))
        width = max(2, Int((across.high - across.low) / pixelMm))
        height = max(2, Int((along.high - along.low) / pixelMm))
        let corner = g.origin + across.low * axes.right + along.low * axes.down + deep.low * axes.depth
        let size = (width, height)
        let pixelMm = pixelMm
        let hasDeposits = marks.voxels.contains { $0 >= SegmentLabel.firstDeposit }
        (asScanned, withoutDeposits) = Resampler(body).sums(
            and: hasDeposits ? Self.withoutDeposits(body, marks) : nil, origin: corner, right: pixelMm * axes.right,
            down: pixelMm * axes.down, columns: size.0, rows: size.1, depth: axes.depth,
            lengthMm: deep.high - deep.low, stepMm: pixelMm)
        letters = (
            View.letter(-1 * axes.right), View.letter(axes.right), View.letter(-1 * axes.down), View.letter(axes.down)
        )
    }

    /// Grey values of both pictures on one scale: thin fingers and a thick wrist both keep their detail.
    var grey: (asScanned: [UInt8], withoutDeposits: [UInt8]?) {
        let sorted = asScanned.filter { $0 > 2 }.sorted()
        let white = sorted.isEmpty ? 1 : sorted[sorted.count - 1 - sorted.count / 300]
        let ground = BoxBlur.blurred(asScanned, width: width, height: height, radius: Int(5 / pixelMm))
        func grey(_ sums: [Double]) -> [UInt8] {
            zip(sums, ground).map { value, around in
                // The square root brings both ends together; the difference to the surroundings is drawn stronger.
                let base = (max(around, 0) / white).squareRoot()
                let detail = (value - around) / white
                // Air stays black beside a finger whose surroundings are bright.
                let tissue = min(max(value, 0) / 4, 1)
                return UInt8((255 * tissue * min(max(0.68 * base + 1.5 * detail, 0), 1)).rounded())
            }
        }
        return (grey(asScanned), withoutDeposits.map(grey))
    }
}
