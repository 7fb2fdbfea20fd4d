/// Calcium that belongs to a large joint: loose bodies inside of it, spurs of its bones, the cuff of the shoulder.
///
/// Fingers and wrists are left out: there calcinosis lies at the joints, and nothing smaller can be told apart.
struct JointPlaces {
    private let probe: TissueProbe
    private let region: BodyRegion
    private let shape: MineralShape
    private let around: CalcificationSorter.Surroundings

    /// Two bones this near on opposite sides, beyond the piece itself, have a joint between them, in mm.
    private static let jointMm: Float = 5
    /// Thickness of the cuff of the shoulder, and how far from the head of the humerus its recess hangs, in mm.
    private static let cuffMm: Float = 9
    private static let recessMm: Float = 6
    /// Depth in mm below which fat around a piece is that of the recess, and the least share of it.
    private static let recessDepthMm = 20.0
    private static let recessFat = 0.6
    /// Cosine of the angle between the directions to both bones.
    private static let opposed: Float = -0.7

    init(
        _ probe: TissueProbe, region: BodyRegion, _ shape: MineralShape,
        _ around: CalcificationSorter.Surroundings
    ) {
        self.probe = probe
        self.region = region
        self.shape = shape
        self.around = around
    }

    var cause: OtherMineral.Cause? {
        guard [.knee, .elbow, .ankle, .shoulder, .pelvis].contains(region) else { return nil }
        if region == .shoulder, isInCuff { return .calcificTendinitis }
        // What grows on bone is no loose body, and calcinosis at a joint has any form. A gap below the blur shows as a
        // narrow contact.
        guard !around.restsOnBone else { return nil }
        if shape.isRound && (isBetweenBones || region == .shoulder && isInRecess) || isHollowBody { return .looseBody }
        return nil
    }

    /// A round shell deep beside a joint: a body that has a rim as bone has.
    private var isHollowBody: Bool {
        shape.isRound && shape.isShell && shape.diameterMm > 3 && around.depthMm > 8
            && (around.distanceToBoneMm ?? .infinity) < 10
    }

    /// Bone near on two opposite sides: inside of a joint's space.
    private var isBetweenBones: Bool {
        let directions = SIMD3<Float>.neighbourDirectionsBothWays
        var hits: [SIMD3<Float>] = []
        for direction in directions {
            let own = shape.positions.map { ($0 - shape.axes.centre).dot(direction) }.max() ?? 0
            let reach = own + Self.jointMm
            if probe.boneDistance(from: shape.axes.centre, along: direction, reachMm: reach) != nil {
                hits.append(direction)
            }
        }
        return hits.contains { a in hits.contains { $0.dot(a) < Self.opposed } }
    }

    /// In the fat of the recess that hangs below and behind the head of the humerus, too deep for any fat under the skin.
    private var isInRecess: Bool {
        around.depthMm > Self.recessDepthMm && around.fatFraction > Self.recessFat
            && SIMD3<Float>.neighbourDirectionsBothWays.contains { seesHead($0, withinMm: Self.recessMm) }
    }

    /// Bone this near beyond the piece, and on for more than 25 mm: the shoulder has no other bone as thick.
    private func seesHead(_ direction: SIMD3<Float>, withinMm reach: Float) -> Bool {
        guard
            let way = probe.boneDistance(
                from: shape.axes.centre, along: direction, reachMm: 0.5 * shape.axes.extents.x + reach)
        else { return false }
        let inside = shape.axes.centre + (way + 20) * direction
        return (0..<4).allSatisfy { probe.place(at: inside + Float($0) * 2 * direction) == .bone }
    }

    /// Above or lateral to the head of the humerus, within the cuff's thickness, under the deltoid.
    private var isInCuff: Bool {
        guard around.depthMm > 10, around.fatFraction < 0.4, shape.diameterMm < 16 else { return false }
        let down = -1 * probe.toHead
        // The head lies below or beside it.
        return [down, (down + probe.toLeft).direction, (down - probe.toLeft).direction].contains {
            seesHead($0, withinMm: Self.cuffMm)
        }
    }
}
