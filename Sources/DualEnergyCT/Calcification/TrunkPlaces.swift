/// What calcium of the trunk belongs to by where it lies: the cavity, a vein, the fat of the buttock.
struct TrunkPlaces {
    let probe: TissueProbe
    private let region: BodyRegion
    let shape: MineralShape
    let around: CalcificationSorter.Surroundings

    /// Stones of veins are smaller than this, in mm.
    static let largestPhlebolithMm = 8.0
    /// A lump is no smaller than this, in mm, and no thinner than this share of the ball of its volume: less is what bone's
    /// blur and noise leave on its surface.
    private static let leastLumpMm = 3.0
    private static let lumpThickness: Float = 0.5
    /// Fat under the skin of the belly with muscle or bone on either hand is no thicker than this, in mm.
    private static let deepestFatMm = 40.0
    /// Solid lumps in the fat of the buttock are granulomas from this width on, in mm, where injections are given: under more
    /// than the skin's own fat, this far from the body's middle, and beside the sacrum, whose half width is no less than this.
    private static let leastGranulomaMm = 5.0
    private static let injectedDepthMm = 8.0
    private static let injectedMm: ClosedRange<Float> = 60...140
    private static let sacrumMm: Float = 25
    private static let sacrumReachMm: Float = 90
    /// Half of the cone in which the spine or the sacrum must be seen, in degrees.
    private static let coneDegrees = 55
    /// The spine, the sacrum and the coccyx lie this near to the middle of the bones, in mm.
    private static let midlineMm: Float = 45

    init(
        _ probe: TissueProbe, region: BodyRegion, _ shape: MineralShape, _ around: CalcificationSorter.Surroundings
    ) {
        self.probe = probe
        self.region = region
        self.shape = shape
        self.around = around
    }

    var cause: OtherMineral.Cause? {
        if !growsOnBone, isInCavity || region == .pelvis && isBetweenHips {
            return shape.isRound && shape.diameterMm < Self.largestPhlebolithMm ? .phlebolith : .visceral
        }
        // Outside of the cavity only the form of a vein's stone counts: round, with a lucent middle.
        let isDeep = around.depthMm > 12
        let isSmall = shape.diameterMm > 2 && shape.diameterMm < Self.largestPhlebolithMm
        if isDeep, isSmall, shape.isRound, shape.isShell, !growsOnBone { return .phlebolith }
        let isBody = shape.isShell && shape.filling > 0.7 && shape.diameterMm >= 4
        let isLump = shape.isRound && shape.diameterMm >= Self.leastGranulomaMm
        if isInGlutealFat, isBody || isLump && isWhereInjected { return .injectionGranuloma }
        if region == .pelvis ? isInGroin : isInAxilla { return .lymphNode }
        return isCostalCartilage ? .costalCartilage : nil
    }

    /// A lump with a broad foot on bone. Bowel and veins come near bone and do not grow on it; a lens on bone is the
    /// bone's own.
    private var growsOnBone: Bool {
        around.restsOnBone && shape.diameterMm >= Self.leastLumpMm
            && 2 * shape.innerRadiusMm >= Self.lumpThickness * Float(shape.diameterMm)
    }

    var centre: SIMD3<Float> { shape.axes.centre }
    var reachMm: Float { 0.5 * shape.axes.extents.x + 2 }

    /// Deep to the wall of muscle and bone in front and at both sides, with the spine, the sacrum or the coccyx in
    /// sight behind.
    var isInCavity: Bool {
        guard around.depthMm > 12, seesSpine else { return false }
        // In the middle the wall in front is but a fascia; fat alone lies no deeper.
        let isDeep = around.depthMm > Self.deepestFatMm
        let front = isDeep ? [] : [-1 * probe.toBack]
        return (front + [probe.toLeft, -1 * probe.toLeft]).allSatisfy { direction in
            let side = direction.cross(probe.toHead).direction
            let rays = [-25, -12, 0, 12, 25].map { degrees -> SIMD3<Float> in
                let angle = Double(degrees) * .pi / 180
                return Float(cosine(angle)) * direction + Float(sine(angle)) * side
            }
            return rays.count { probe.meetsWall(from: centre, along: $0, startMm: reachMm) } >= 3
        }
    }

    private var seesSpine: Bool {
        guard let middle = midline else { return false }
        return stride(from: -Self.coneDegrees, through: Self.coneDegrees, by: 5).contains { degrees in
            let angle = Double(degrees) * .pi / 180
            let ray = Float(cosine(angle)) * probe.toBack + Float(sine(angle)) * probe.toLeft
            guard let way = probe.boneDistance(from: centre, along: ray, reachMm: 200) else { return false }
            return abs((centre + way * ray).dot(probe.toLeft) - middle) < Self.midlineMm
        }
    }

    /// Middle of the body from side to side at the height of the piece, in mm along `toLeft`; nil off the body.
    var midline: Float? {
        var ends: [Float] = []
        for direction in [probe.toLeft, -1 * probe.toLeft] {
            // From the far side inwards: a gap between the thighs does not end the body.
            var way: Float = 350
            while way > 0, probe.place(at: centre + way * direction) == .air { way -= 2 }
            ends.append((centre + way * direction).dot(probe.toLeft))
        }
        return abs(ends[0] - ends[1]) > 100 ? 0.5 * (ends[0] + ends[1]) : nil
    }

    /// In the upper outer quarter of a buttock. Calcinosis lies there too, but grows in nets and crusts and at the points that
    /// bear weight, below.
    private var isWhereInjected: Bool {
        guard region == .pelvis, around.depthMm > Self.injectedDepthMm, let middle = midline else { return false }
        let aside = centre.dot(probe.toLeft) - middle
        return Self.injectedMm.contains(abs(aside))
            && [-Self.sacrumMm, Self.sacrumMm].allSatisfy { beside in
                probe.boneDistance(
                    from: centre + (beside - aside) * probe.toLeft, along: -1 * probe.toBack,
                    reachMm: Self.sacrumReachMm) != nil
            }
    }

    /// In fat with no muscle or bone between it and the skin behind, behind the hip.
    private var isInGlutealFat: Bool {
        let sides = [probe.toLeft, probe.toBack, probe.toHead].flatMap { [$0, -1 * $0] }
        let fat = sides.count { probe.place(at: centre + (reachMm + 1) * $0) == .fat }
        guard fat >= 4 else { return false }
        let rays = [-30, 0, 30].map { degrees -> SIMD3<Float> in
            let angle = Double(degrees) * .pi / 180
            return Float(cosine(angle)) * probe.toBack + Float(sine(angle)) * probe.toLeft
        }
        return rays.count { !probe.meetsWall(from: centre, along: $0, startMm: reachMm) } >= 2
            && probe.meetsWall(from: centre, along: -1 * probe.toBack, startMm: reachMm)
    }
}
