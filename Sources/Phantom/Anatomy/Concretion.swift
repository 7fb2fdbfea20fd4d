/// Calcium that is neither bone, vessel nor calcinosis.
public enum OtherCalcification: String, Sendable, Codable, CaseIterable {
    case phlebolith, injectionGranuloma, lymphNode, bowelContents, stone, costalCartilage, looseBody, enthesophyte
    case calcificTendinitis
}

/// One of them: an uneven lump, hollow where its kind is.
struct Concretion: Sendable {
    var kind: OtherCalcification
    var lump: Deposit
    /// Share of the radius that is lucent.
    var lucentShare: Float = 0

    /// - Parameters:
    ///   - half: half axes in mm along `frame.lateral`, `frame.dorsal` and `frame.axis`.
    init(
        _ kind: OtherCalcification, at centre: Point, half: Point,
        frame: SegmentFrame = SegmentFrame(spread: 0, flexion: 0), mgPerCm3: Float, lucentShare: Float = 0,
        using generator: inout SeededGenerator
    ) {
        self.kind = kind
        self.lucentShare = lucentShare
        lump = Deposit(
            site: .subcutaneous, ray: nil, centre: centre, axes: (frame.lateral, frame.dorsal, frame.axis), half: half,
            surface: SmoothField(wavelengthMm: 2.2 * half.max(), using: &generator), mineral: .hydroxyapatite,
            mgPerCm3: Double(mgPerCm3), hostFatShare: Double(generator.uniform(0...0.3)))
    }

    /// Paints the lump over soft tissue and, at an insertion, over nothing else.
    func paint(_ grid: PlaneGrid, label: UInt8, into labels: UnsafeMutableBufferPointer<UInt8>) {
        guard let box = Box.slab(lump.centre, lump.centre, radius: lump.largestHalf * 1.35, z: grid.z) else { return }
        let (columns, rows) = grid.ranges(box)
        let core = lump.half.min() * (1 - lucentShare)
        for j in rows {
            for i in columns {
                let at = j * grid.nx + i
                let tissue = Tissue(rawValue: labels[at])
                guard tissue.canCalcify || tissue == .fluid else { continue }
                let depth = lump.depth(grid.point(i, j))
                if depth > 0, lucentShare == 0 || depth < core { labels[at] = label }
            }
        }
    }
}

extension Concretion {
    /// Least fat in mm between a granuloma of an injection and the skin: a needle's length lies above it.
    private static let leastCoverMm: Float = 4
    /// Furthest that it is moved for that, in mm.
    private static let furthestMm: Float = 30

    /// A granuloma of an injection where one can be, in the fat behind the muscle: moved forwards from the skin; nil where
    /// the fat is too thin. Any other kind stays as it is.
    func seated(in soft: SoftTissue) -> Concretion? {
        guard kind == .injectionGranuloma else { return self }
        var moved = self
        for _ in 0..<Int(Self.furthestMm) {
            let place = moved.lump.centre
            if soft.depth(place, among: soft.envelope) >= soft.skinMm + Self.leastCoverMm + lump.largestHalf {
                // What reaches into muscle by more than half is no granuloma of the fat.
                return soft.strands.contains { $0.rod.depth(place) > 0 } ? nil : moved
            }
            moved.lump.centre.y -= 1
        }
        return nil
    }
}
