/// Spurs: bone that grows into the insertion of a tendon or of the plantar fascia (enthesophytes).
///
/// A spur rests on bone with a broad foot and lies in the tendon that inserts there, or below the tuberosity of the
/// heel, where the fascia is too thin to be seen. Calcinosis at the same bones lies in the fat or the bursa over them. Hands and wrists are left out:
/// there calcinosis is the rule and spurs are small.
struct SpurPlaces {
    private let probe: TissueProbe
    private let region: BodyRegion
    /// Middle of the bone that lies furthest to the back in a foot, in mm of the grid.
    private let heel: SIMD3<Float>?

    /// A larger lump is no spur, in mm.
    private static let largestMm = 14.0
    /// Depth in mm of the heel's hindmost part, its largest width, and how far from its middle spurs grow.
    private static let heelDepthMm: Float = 12
    private static let heelWidthMm: Float = 50
    private static let heelReachMm: Float = 45
    /// Share of tendon in the tissue that goes on from the piece.
    private static let leastTendon: Float = 0.5
    /// Where that is looked at, in mm beyond the piece: clear of its blur.
    private static let tendonMm: [Float] = [2, 3, 4, 5, 6, 7]
    /// Nearer to air lies skin, whose collagen reads as tendon, in mm.
    private static let skinMm: Float = 3.5

    init(_ probe: TissueProbe, region: BodyRegion) {
        self.probe = probe
        self.region = region
        heel = [.foot, .ankle].contains(region) ? Self.heel(probe) : nil
    }

    func holds(_ shape: MineralShape, _ around: CalcificationSorter.Surroundings) -> Bool {
        guard [.elbow, .knee, .ankle, .foot, .pelvis].contains(region), around.restsOnBone,
            shape.diameterMm < Self.largestMm, let outward = outward(shape)
        else { return false }
        return isAtHeel(shape, outward) || entersTendon(shape, outward)
    }

    /// Away from the bone on which the piece rests.
    private func outward(_ shape: MineralShape) -> SIMD3<Float>? {
        let centre = shape.axes.centre
        let toBone = SIMD3<Float>.neighbourDirectionsBothWays.filter { direction in
            let own = shape.positions.map { ($0 - centre).dot(direction) }.max() ?? 0
            return probe.boneDistance(from: centre, along: direction, reachMm: own + 2) != nil
        }
        let sum = toBone.reduce(SIMD3<Float>(repeating: 0), +)
        return sum.magnitude > 0.5 ? -1 * sum.direction : nil
    }

    private func isAtHeel(_ shape: MineralShape, _ outward: SIMD3<Float>) -> Bool {
        guard let heel, (shape.axes.centre - heel).magnitude < Self.heelReachMm else { return false }
        return -outward.dot(probe.toHead) > 0.4 && abs(outward.dot(probe.toLeft)) < 0.5
    }

    /// The foot lies on its heel: the hindmost bone is the tuberosity, unless bone along the sole lies as far back.
    private static func heel(_ probe: TissueProbe) -> SIMD3<Float>? {
        var hindmost = -Float.infinity
        probe.forEachBone { hindmost = max(hindmost, $0.dot(probe.toBack)) }
        guard hindmost > -Float.infinity else { return nil }
        var low = SIMD3<Float>(repeating: .infinity)
        var high = SIMD3<Float>(repeating: -.infinity)
        probe.forEachBone { place in
            guard place.dot(probe.toBack) > hindmost - heelDepthMm else { return }
            low = pointwiseMin(low, place)
            high = pointwiseMax(high, place)
        }
        return (high - low).max() < heelWidthMm ? 0.5 * (low + high) : nil
    }

    /// A strand of tendon goes on from the piece, away from the bone or along it.
    private func entersTendon(_ shape: MineralShape, _ outward: SIMD3<Float>) -> Bool {
        let centre = shape.axes.centre
        let directions = SIMD3<Float>.neighbourDirectionsBothWays.filter { $0.dot(outward) > -0.2 }
        return directions.contains { direction in
            let own = shape.positions.map { ($0 - centre).dot(direction) }.max() ?? 0
            let (a, b) = direction.crossSection
            let strand = Self.tendonMm.flatMap { way -> [SIMD3<Float>] in
                let middle = centre + (own + way) * direction
                return [middle, middle + a, middle - a, middle + b, middle - b]
            }
            return strand.allSatisfy { isDeepTissue($0) } && probe.tendonShare(at: strand) > Self.leastTendon
        }
    }

    private func isDeepTissue(_ place: SIMD3<Float>) -> Bool {
        probe.place(at: place) == .lean
            && SIMD3<Float>.neighbourDirections.allSatisfy {
                probe.place(at: place + Self.skinMm * $0) != .air && probe.place(at: place - Self.skinMm * $0) != .air
            }
    }
}

extension TissueProbe {
    /// The place of every other voxel of bone along each axis, in mm of the grid.
    func forEachBone(_ body: (SIMD3<Float>) -> Void) {
        for k in stride(from: 0, to: geometry.slices, by: 2) {
            for j in stride(from: 0, to: geometry.rows, by: 2) {
                for i in stride(from: 0, to: geometry.columns, by: 2) {
                    let n = geometry.index(i, j, k)
                    if isBone(n) { body(geometry.gridPosition(n)) }
                }
            }
        }
    }
}
