/// Decides what kind of calcification each piece of mineral is: calcinosis, or calcium that belongs to something else.
///
/// In a hand a deposit that is missed is worse than a vessel that is counted: only what cannot be calcinosis leaves the
/// list there, and what may be a vessel stays in it with a note. In the trunk it is the other way round: vessels, veins'
/// stones and bowel outnumber calcinosis, which lies outside of the cavity.
package struct CalcificationSorter {
    package enum Kind: Sendable, Equatable {
        case calcinosis
        /// Calcinosis as far as can be told, in the form of a vessel.
        case vesselLike
        case vascular
        case other(OtherMineral.Cause)
    }

    /// What is known of a piece's place besides its voxels.
    package struct Surroundings: Sendable {
        package var place: DepositPlace
        package var distanceToBoneMm: Double?
        package var depthMm: Double
        /// Fat of the tissue around, 0 to 1.
        package var fatFraction: Double
        /// It grows on bone, and does not only come near.
        package var restsOnBone: Bool

        package init(
            place: DepositPlace, distanceToBoneMm: Double?, depthMm: Double, fatFraction: Double, restsOnBone: Bool
        ) {
            self.place = place
            self.distanceToBoneMm = distanceToBoneMm
            self.depthMm = depthMm
            self.fatFraction = fatFraction
            self.restsOnBone = restsOnBone
        }
    }

    let context: MeasurementContext
    let probe: TissueProbe
    let region: BodyRegion

    /// A wall is no thicker than this where it is thickest, in mm.
    static let thickestWallMm: Float = 4.5
    /// The same where the blur has filled a narrow vessel's lumen.
    static let thickestTubeMm: Float = 6
    /// The same for a plate that is seen from one side only: beyond it is a stone.
    static let thickestPlateMm: Float = 3.2
    /// A lumen without another in line is a vessel of a hand from this length on, in mm.
    static let leastLoneMm: Float = 8
    /// Tangent of the angle by which a vessel may run off the longest axis of its calcium.
    private static let tilt: Float = 0.25
    /// Pieces of one wall that are this far apart along the vessel belong to one line, in mm.
    static let reachMm: Float = 30

    package init(_ context: MeasurementContext, region: BodyRegion) {
        self.context = context
        probe = TissueProbe(context)
        self.region = region
    }

    private struct Piece {
        var shape: MineralShape
        var around: Surroundings
        var kind = Kind.calcinosis
        var vessel = VesselCourses.Member(evidence: .none, lengths: [])
        /// Length in mm of what of it surrounds a lumen.
        var lumenMm: Float = 0
    }

    /// The kind of each piece of mineral that may be calcium, given as linear indices of its voxels.
    package func kinds(of lists: [[Int]], surroundings: [Surroundings]) -> [Kind] {
        var pieces = zip(lists, surroundings).map { Piece(shape: MineralShape($0, context), around: $1) }
        for n in pieces.indices {
            if isTrunk, let cause = TrunkPlaces(probe, region: region, pieces[n].shape, pieces[n].around).cause {
                pieces[n].kind = .other(cause)
            }
        }
        for n in pieces.indices where mayBeTube(pieces[n]) { lookForVessel(&pieces[n]) }
        let courses = VesselCourses(pieces.map(\.vessel))
        for n in pieces.indices {
            if let kind = vesselKind(n, pieces[n], courses) {
                pieces[n].kind = kind
            } else if mayBeWall(pieces[n]) {
                judgeLine(&pieces[n])
            }
        }
        continueVessels(&pieces)
        let spurs = SpurPlaces(probe, region: region)
        for n in pieces.indices where pieces[n].kind == .calcinosis {
            if let cause = JointPlaces(probe, region: region, pieces[n].shape, pieces[n].around).cause {
                pieces[n].kind = .other(cause)
            } else if spurs.holds(pieces[n].shape, pieces[n].around) {
                pieces[n].kind = .other(.enthesophyte)
            } else if isVeinStone(pieces[n]) {
                pieces[n].kind = .other(.phlebolith)
            }
        }
        return pieces.map(\.kind)
    }

    private var isTrunk: Bool { region == .pelvis || region == .shoulder }
    private var isHand: Bool { region == .hand || region == .wrist }

    /// Round, smooth and with a lucent middle, free of bone: a stone of a vein. In a hand too much of calcinosis is round
    /// and small.
    private func isVeinStone(_ piece: Piece) -> Bool {
        let size = piece.shape.diameterMm
        return !isHand && piece.shape.isRound && piece.shape.isShell && size > 2
            && size < TrunkPlaces.largestPhlebolithMm
            && (piece.around.distanceToBoneMm ?? .infinity) > 1
    }

    /// A plate or a line.
    private func mayBeWall(_ piece: Piece) -> Bool {
        2 * piece.shape.innerRadiusMm <= Self.thickestWallMm && piece.shape.axes.extents.x >= 2.5
    }

    private func mayBeTube(_ piece: Piece) -> Bool {
        2 * piece.shape.innerRadiusMm <= Self.thickestTubeMm && piece.shape.axes.extents.x >= 2.5
    }

    // MARK: - Vessels

    /// Radii of vessels by the region in mm, wall included. Where the images show a lumen, and where they show a plate
    /// on a tube.
    private var radii: (lumen: ClosedRange<Float>, tube: ClosedRange<Float>) {
        switch region {
        case .pelvis, .shoulder: (0.8...7.5, 1.4...15)
        case .thigh, .knee: (0.8...7.5, 1.4...7.5)
        // A tendon's sheath is a ring around something lean as well, and wider than a digit's artery.
        case .hand: (0.8...1.5, 1...4.2)
        case .wrist, .forearm: (0.8...1.9, 1...4.2)
        default: (0.8...2.8, 1...4.2)
        }
    }

    /// A vessel bends: its wall is looked at in lengths over which it is straight.
    private func segments(_ shape: MineralShape) -> [[SIMD3<Float>]] {
        shape.axes.extents.x > 16 ? shape.slices(lengthMm: 9) : [shape.positions]
    }

    private func lookForVessel(_ piece: inout Piece) {
        let shape = piece.shape
        let segments = segments(shape)
        func axes(_ positions: [SIMD3<Float>]) -> [SIMD3<Float>] {
            [shape.axes.axis, PrincipalAxes(positions).axis] + SIMD3<Float>.neighbourDirections
        }
        // Walls that are calcified over different lengths draw the piece's own axis aslant.
        func closeAxes(_ positions: [SIMD3<Float>]) -> [SIMD3<Float>] {
            let own = PrincipalAxes(positions).axis
            let (a, b) = own.crossSection
            let tilts: [Float] = [-Self.tilt, 0, Self.tilt]
            return tilts.flatMap { u in tilts.map { v in (own + u * a + v * b).direction } }
        }
        let fits = segments.compactMap {
            LumenFit.best($0, axes: axes($0) + closeAxes($0), radii: radii.lumen, probe: probe)
        }
        let lumens = fits.filter(\.isTube)
        let most = 0.5 * Float(segments.count)
        let arcs = fits.filter { $0.isTube || !isHand && $0.isArc || isTrunk && $0.isWideArc }
        if Float(arcs.count) >= most {
            piece.vessel = .init(evidence: .arc, lengths: arcs.map { VesselLength($0) })
        } else {
            let halves = fits.filter { $0.isTube || $0.isHalf }
            if Float(halves.count) >= most {
                piece.vessel = .init(evidence: .half, lengths: halves.map { VesselLength($0) })
            }
        }
        if Float(lumens.count) >= most {
            piece.vessel = .init(evidence: .lumen, lengths: lumens.map { VesselLength($0) })
            piece.lumenMm = lumens.reduce(0) { $0 + $1.lengthMm }
            return
        }
        // In a hand a plate beside something lean is the rule along every tendon.
        guard !isHand, !shape.isEgg, 2 * shape.innerRadiusMm <= Self.thickestPlateMm,
            shape.axes.extents.x >= max(2.5, 4 * shape.innerRadiusMm)
        else { return }
        // Bone's own rim is a plate beside a lean tube as well: there a whole ring must be seen.
        let touchesBone = (piece.around.distanceToBoneMm ?? .infinity) < 0.5
        let tubes = segments.compactMap { positions in
            TubeFit.best(
                positions, axes: axes(positions), thicknessMm: 2 * shape.innerRadiusMm, radii: radii.tube,
                probe: probe
            )
            .flatMap { (touchesBone ? $0.isRing : $0.isTube) ? $0 : nil }
        }
        if Float(tubes.count) >= 0.6 * Float(segments.count) {
            piece.vessel = .init(evidence: .plate, lengths: tubes.map { VesselLength($0) })
        }
    }

    /// What a piece that shows a vessel is; nil when it shows none.
    private func vesselKind(_ n: Int, _ piece: Piece, _ courses: VesselCourses) -> Kind? {
        switch piece.vessel.evidence {
        case .none: return nil
        case .half: return courses.company(of: n).contains { $0.evidence == .lumen } ? .vascular : nil
        case .arc: return courses.isVessel(n) || isTrunk && piece.vessel.isInLine ? .vascular : nil
        case .plate:
            // Beside a tendon the lean tube may be the tendon itself.
            let isBesideTendon = piece.around.place.compartment == .tendonSheath
            return isTrunk && !isBesideTendon || courses.isVessel(n) ? .vascular : .vesselLike
        case .lumen:
            guard isHand else { return .vascular }
            // Arteries run neither in the carpal tunnel nor in the pulp; a short ring alone may be of a thin tendon.
            let place = piece.around.place.compartment
            let isAlone = courses.company(of: n).count == 1
            let isElsewhere = place == .carpalTunnel || place == .fingertipFatPad
            return isElsewhere || isAlone && piece.lumenMm < Self.leastLoneMm ? .vesselLike : .vascular
        }
    }

    // MARK: - Lines

    private func judgeLine(_ piece: inout Piece) {
        guard piece.kind == .calcinosis, let line = MineralLine(piece.shape) else { return }
        let isFree = (piece.around.distanceToBoneMm ?? .infinity) > 0.8
        if isHand {
            guard line.isVesselLike(leastLengthMm: 12, mostCalibreMm: 3.2) else { return }
            // Digital arteries run beside the phalanges, tendons in the midline.
            let isInDigit = piece.around.place.digit != nil && piece.around.place.segment != .metacarpal
            let isBeside =
                piece.around.place.aspect != .dorsal && piece.around.place.compartment != .tendonSheath
                && piece.around.place.compartment != .fingertipFatPad
            piece.kind = isInDigit && isBeside && isFree ? .vascular : .vesselLike
        } else if line.isVesselLike(leastLengthMm: 20, mostCalibreMm: isTrunk ? 8 : 5) {
            // In a limb calcium along a tendon or a fascia is a line as well.
            piece.kind = isTrunk && isFree && piece.around.depthMm > 5 ? .vascular : .vesselLike
        }
    }

    /// Plates too small to be judged alone belong to the vessel on whose wall they lie.
    private func continueVessels(_ pieces: inout [Piece]) {
        var known = pieces.filter { $0.kind == .vascular }.flatMap(\.vessel.lengths)
        known += known.indices.flatMap { n in known[..<n].compactMap { VesselLength.between($0, known[n]) } }
        var isNew = true
        while isNew {
            isNew = false
            for n in pieces.indices where [.calcinosis, .vesselLike, .other(.visceral)].contains(pieces[n].kind) {
                let shape = pieces[n].shape
                // What is as thick as it is long is a stone beside the vessel.
                guard mayBeWall(pieces[n]), shape.axes.extents.x > 3 * shape.innerRadiusMm || shape.diameterMm < 2.5
                else { continue }
                let centre = shape.axes.centre
                let nearest = known.filter { $0.continues(shape.positions, reachMm: Self.reachMm) }
                    .min { ($0.centre - centre).magnitude < ($1.centre - centre).magnitude }
                guard let nearest else { continue }
                pieces[n].kind = .vascular
                // Further along the chain reaches on from here.
                known.append(nearest.moved(to: centre))
                isNew = true
            }
        }
    }
}
