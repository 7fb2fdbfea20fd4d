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

        package init(place: DepositPlace, distanceToBoneMm: Double?, depthMm: Double, fatFraction: Double) {
            self.place = place
            self.distanceToBoneMm = distanceToBoneMm
            self.depthMm = depthMm
            self.fatFraction = fatFraction
        }
    }

    let context: MeasurementContext
    let probe: TissueProbe
    let region: BodyRegion

    /// A wall is no thicker than this where it is thickest, in mm.
    static let thickestWallMm: Float = 4.5
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
        var tubes: [TubeFit] = []
    }

    /// The kind of each piece of mineral that may be calcium, given as linear indices of its voxels.
    package func kinds(of lists: [[Int]], surroundings: [Surroundings]) -> [Kind] {
        var pieces = zip(lists, surroundings).map { Piece(shape: MineralShape($0, context), around: $1) }
        for n in pieces.indices {
            if isTrunk, let cause = TrunkPlaces(probe, pieces[n].shape, pieces[n].around).cause {
                pieces[n].kind = .other(cause)
            }
        }
        for n in pieces.indices where mayBeWall(pieces[n]) {
            pieces[n].tubes = tubes(pieces[n])
            let share = Float(pieces[n].tubes.count) / Float(segments(pieces[n].shape).count)
            if share >= 0.6 { pieces[n].kind = .vascular } else { judgeLine(&pieces[n]) }
        }
        continueVessels(&pieces)
        for n in pieces.indices where pieces[n].kind == .calcinosis {
            if let cause = JointPlaces(probe, region: region, pieces[n].shape, pieces[n].around).cause {
                pieces[n].kind = .other(cause)
            }
        }
        return pieces.map(\.kind)
    }

    private var isTrunk: Bool { region == .pelvis || region == .shoulder }
    private var isHand: Bool { region == .hand || region == .wrist }

    /// A plate or a line.
    private func mayBeWall(_ piece: Piece) -> Bool {
        let thickness = 2 * piece.shape.innerRadiusMm
        return thickness <= Self.thickestWallMm && piece.shape.axes.extents.x >= max(2.5, 2 * thickness)
    }

    // MARK: - Tubes

    /// Radii of vessels by the region in mm, wall included.
    private var radii: ClosedRange<Float> {
        switch region {
        case .pelvis, .shoulder: 1.4...15
        case .thigh, .knee: 1.4...7.5
        default: 1...4.2
        }
    }

    /// A vessel bends: its wall is looked at in lengths over which it is straight.
    private func segments(_ shape: MineralShape) -> [[SIMD3<Float>]] {
        shape.axes.extents.x > 16 ? shape.slices(lengthMm: 9) : [shape.positions]
    }

    private func tubes(_ piece: Piece) -> [TubeFit] {
        let shape = piece.shape
        // A tendon's sheath is a ring around something lean in fat, like a vessel: in a hand nothing tells them apart
        // but the course.
        if isHand { return [] }
        // Bone's own rim is a plate beside a lean tube as well: there a whole ring must be seen.
        let touchesBone = (piece.around.distanceToBoneMm ?? .infinity) < 0.5
        return segments(shape).compactMap { positions in
            let own = PrincipalAxes(positions).axis
            let fit = TubeFit.best(
                positions, axes: [shape.axes.axis, own] + SIMD3<Float>.neighbourDirections,
                thicknessMm: 2 * shape.innerRadiusMm, radii: radii, probe: probe)
            return fit.flatMap { (touchesBone ? $0.isRing : $0.isTube) ? $0 : nil }
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
        var known = pieces.filter { $0.kind == .vascular }.flatMap(\.tubes)
        var isNew = true
        while isNew {
            isNew = false
            for n in pieces.indices where [.calcinosis, .vesselLike, .other(.visceral)].contains(pieces[n].kind) {
                guard mayBeWall(pieces[n]) || pieces[n].shape.diameterMm < 4 else { continue }
                guard known.contains(where: { $0.continues(pieces[n].shape.positions, reachMm: Self.reachMm) }) else {
                    continue
                }
                pieces[n].kind = .vascular
                // Further along the chain reaches on from here.
                known += known.compactMap { tube in
                    tube.continues(pieces[n].shape.positions, reachMm: Self.reachMm)
                        ? tube.moved(to: pieces[n].shape.axes.centre) : nil
                }
                isNew = true
            }
        }
    }
}
