/// Says where in the body a deposit lies.
///
/// Bones give digit, segment and side; the tissue around the deposit and its distances to skin, bone and joint give the
/// compartment. Outside a hand only what the tissue says is said.
package struct DepositPlacing: Sendable {
    /// What is known of a deposit before its place.
    package struct Subject {
        /// Centre in mm of the grid.
        package var centre: SIMD3<Float>
        /// Depth of the centre below the skin, in mm.
        package var depthMm: Double
        /// It rests on bone, and does not only come near.
        package var restsOnBone: Bool
        /// Fat of the tissue around it, 0 to 1.
        package var fatFraction: Double
        /// Longest over second extent.
        package var elongation: Float
        /// How much like tendon the densest strand along it is: 0 for muscle, 1 for tendon.
        package var tendonShare: Double
        /// A strand of lean tissue in fat runs in at one end and out at the other.
        package var isOnStrand: Bool

        package init(
            centre: SIMD3<Float>, depthMm: Double, restsOnBone: Bool, fatFraction: Double, elongation: Float,
            tendonShare: Double, isOnStrand: Bool
        ) {
            self.centre = centre
            self.depthMm = depthMm
            self.restsOnBone = restsOnBone
            self.fatFraction = fatFraction
            self.elongation = elongation
            self.tendonShare = tendonShare
            self.isOnStrand = isOnStrand
        }
    }

    /// `tipsMm` is, for each entry of the reading's digits, the soft tissue beyond the last bone that is left, in mm; nil
    /// where the images end in it.
    let hands: [(limb: Int, reading: HandReading, tipsMm: [Float?])]
    let paths: LimbPaths
    /// Bones of no digit: those of the wrist and the forearm, sesamoids.
    let loose: [BonePiece]
    private let headerSide: BodySide?

    /// Deposits no further than this from a joint and touching bone are at the joint, in mm.
    static let jointReachMm: Float = 8
    /// What is this much longer than wide follows a tendon.
    static let tendonElongation: Float = 1.8
    /// A metacarpal's ray claims what lies this near to the bone, in mm: beyond is the palm between or beside rays.
    static let palmReachMm: Float = 14
    /// Tendons run within this of a bone's midline, in mm.
    static let tendonReachMm: Float = 4.5
    /// Tissue below this share of fat is muscle or tendon.
    static let leanFraction = 0.35
    static let subcutaneousDepthMm = 4.5
    /// Share of fat below which tissue under the skin is muscle, and how deep the skin itself may make it read so, in mm.
    static let muscleFraction = 0.25
    static let skinDepthMm = 3.0
    /// The skin of the tip lies no further than this from the joint before a resorbed end phalanx, in mm.
    static let fingertipMm: Float = 13
    /// The bases of the metacarpals are known within this where bones were joined or lost, in mm.
    static let carpusOffMm: Float = 7
    /// A strand above this runs along as a tendon: a thin one between fat reads less than it is.
    static let tendonShare = 0.3

    package init(
        pieces: [BonePiece], paths: LimbPaths, region: BodyRegion, laterality: Laterality,
        skinDistance: HandReading.SkinDistance
    ) {
        self.paths = paths
        headerSide = laterality == .right ? .right : laterality == .left ? .left : nil
        var hands: [(Int, HandReading, [Float?])] = []
        var inChains: [SIMD3<Float>] = []
        if Self.mayShowHand(region) {
            for limb in 0..<paths.limbCount {
                let chains = BoneChain.chains(of: pieces, in: paths, limb: limb + 1)
                guard let reading = HandReading(chains: chains, skinDistance: skinDistance) else { continue }
                let tipsMm = reading.digits.map { entry in
                    entry.chain.bones.last.flatMap { skinDistance($0.ends.1, $0.axis) }
                }
                hands.append((limb + 1, reading, tipsMm))
                for (_, chain) in reading.digits {
                    inChains += zip(chain.bones, chain.roles).filter { $0.1 != .other }.map(\.0.centre)
                }
            }
        }
        self.hands = hands
        loose = pieces.filter { piece in !inChains.contains { ($0 - piece.centre).magnitude < 0.01 } }
    }

    /// Whether the bones of a hand are looked for in a scan of this region.
    package static func mayShowHand(_ region: BodyRegion) -> Bool {
        [.hand, .wrist, .forearm, .other].contains(region)
    }

    /// Joints of all digits, in mm of the grid.
    package var joints: [SIMD3<Float>] { hands.flatMap { $0.reading.digits.flatMap(\.chain.joints) } }

    /// The header names one side and the images show the other.
    package var contradictsHeader: Bool {
        headerSide != nil && hands.contains { $0.reading.side != nil && $0.reading.side != headerSide }
    }

    package func place(_ subject: Subject) -> DepositPlace {
        var place = DepositPlace(side: headerSide)
        guard let (_, hand, tipsMm) = hands.first(where: { $0.limb == paths.limb(at: subject.centre) }) else {
            place.compartment = limbCompartment(subject)
            return place
        }
        // The header's word stands where the images say nothing; where they contradict it, nothing is said.
        place.side = contradictsHeader ? nil : hand.side ?? headerSide
        let nearest = nearestRay(hand, subject.centre)
        // A chain of bones that is no digit is the wrist's.
        let isPalm =
            nearest.map {
                hand.digits[$0.entry].digit == nil || hand.digits[$0.entry].chain.roles[$0.bone] == .metacarpal
            } ?? true
        // The tunnel reaches between the bases of the metacarpals and the thumb's muscles: its contents are of no ray.
        // Beside the thumb's metacarpal they reach across it: without a tendon there it is muscle.
        let isThenar = nearest.map { hand.digits[$0.entry].digit == .first } ?? false && !hasTendonBeside(subject)
        guard let found = nearest, !(isPalm && !isThenar && isInTunnel(subject, hand)) else {
            place.aspect = aspect(subject.centre, from: carpus(hand), volar: hand.volar, axis: hand.distal)
            place.compartment = wristCompartment(subject, hand)
            return place
        }
        let chain = hand.digits[found.entry].chain
        let bone = chain.bones[found.bone]
        place.digit = hand.digits[found.entry].digit
        place.segment = chain.roles[found.bone].segment
        if found.bone == chain.bones.count - 1, place.segment != .metacarpal {
            // Beyond the last bone that is left lies what belonged to the end phalanx, and so does what is near the tip
            // where that is the end phalanx' neighbour: its stub may be one piece with it.
            let beyond = (subject.centre - bone.ends.1).dot(bone.axis)
            let neighbour = place.digit.map { $0 == .first ? BoneRole.proximal : .middle }
            let toTip = tipsMm[found.entry].map { $0 - beyond } ?? .infinity
            let isNearTip = chain.roles[found.bone] == neighbour && toTip < Self.fingertipMm
            if beyond > 2 || isNearTip { place.segment = .distal }
        }
        let volar = hand.volar(of: found.entry, bone: found.bone)
        place.aspect = aspect(subject.centre, from: bone.centre, volar: volar, axis: bone.axis)
        place.compartment = digitCompartment(subject, place, bone: bone, volar: volar, chain: chain)
        return place
    }

    private func nearestRay(_ hand: HandReading, _ point: SIMD3<Float>) -> (entry: Int, bone: Int)? {
        var best: (entry: Int, bone: Int, distance: Float) = (0, 0, .infinity)
        for (n, entry) in hand.digits.enumerated() {
            let (bone, distance) = entry.chain.nearest(to: point)
            if distance < best.distance { best = (n, bone, distance) }
        }
        guard best.distance < .infinity else { return nil }
        let isPalm = hand.digits[best.entry].chain.roles[best.bone] == .metacarpal
        let other = loose.filter { paths.limb(at: $0.centre) == paths.limb(at: point) }.map { $0.distance(to: point) }
        let isCarpal = (other.min() ?? .infinity) < best.distance
        if isPalm, isCarpal || best.distance > Self.palmReachMm { return nil }
        return (best.entry, best.bone)
    }

    /// Middle of the bases of the metacarpals: where the carpus ends.
    private func carpus(_ hand: HandReading) -> SIMD3<Float> {
        let bases = hand.digits.filter { $0.digit != .first }.compactMap { entry in
            entry.chain.roles.firstIndex(of: .metacarpal).map { entry.chain.bones[$0].ends.0 }
        }
        func middle(_ values: [Float]) -> Float { values.isEmpty ? 0 : values.sorted()[values.count / 2] }
        // A metacarpal that lost its base or took a carpal bone along must not move the row.
        let mean = bases.reduce(SIMD3<Float>(repeating: 0)) { $0 + $1 } / Float(max(bases.count, 1))
        return mean + (middle(bases.map { $0.dot(hand.distal) }) - mean.dot(hand.distal)) * hand.distal
    }

    /// Beyond a third of the way off the bone's axis it is volar or dorsal, else beside.
    private func aspect(
        _ point: SIMD3<Float>, from origin: SIMD3<Float>, volar: SIMD3<Float>?, axis: SIMD3<Float>
    ) -> Aspect? {
        guard let volar else { return nil }
        let off = (point - origin).perpendicular(to: axis)
        let height = off.dot(volar)
        guard abs(height) > 0.34 * off.magnitude, abs(height) > 0.5 else { return nil }
        return height > 0 ? .volar : .dorsal
    }

    private func digitCompartment(
        _ subject: Subject, _ place: DepositPlace, bone: BonePiece, volar: SIMD3<Float>?, chain: BoneChain
    ) -> Compartment {
        let touches = subject.restsOnBone
        let isLong = subject.elongation > Self.tendonElongation
        let toJoint = chain.joints.map { ($0 - subject.centre).magnitude }.min() ?? .infinity
        if place.segment == .distal, place.aspect != .dorsal, !touches { return .fingertipFatPad }
        if touches, toJoint < Self.jointReachMm { return .periarticular }
        if !touches, hasTendonBeside(subject), place.segment != .distal { return .tendonSheath }
        if let volar {
            let sideways = (subject.centre - bone.centre).perpendicular(to: bone.axis).perpendicular(to: volar)
            // What is lean beside a phalanx is tendon: there is no muscle. A lump on the shaft is on bone even under it.
            let isLean = subject.fatFraction < 0.6 && !touches && place.segment != .metacarpal
            let isMidline = sideways.magnitude < Self.tendonReachMm
            // Both tendons end at the base of the end phalanx.
            let isBeside = isMidline && place.segment != .distal
            if isBeside, place.aspect == .volar, isLean || isLong { return .tendonSheath }
            if isBeside, place.aspect == .dorsal, isLong { return .tendonSheath }
        }
        if touches { return .periarticular }
        // No muscle reaches beyond the palm: lean tissue there is skin that the disease has thickened.
        return place.segment == .metacarpal ? tissueCompartment(subject) : .subcutaneous
    }

    /// The tissue beside it says that a tendon runs along, whatever is known of the bones.
    ///
    /// A strand through it says less in a hand, where veins run through the fat as well.
    private func hasTendonBeside(_ subject: Subject) -> Bool { subject.tendonShare > Self.tendonShare }

    /// Volar of the carpal bones, in the hollow between their two rims, and deep.
    ///
    /// Where tendons run along it, a place beside the hollow is in it too: the bases of the metacarpals that it is
    /// measured from lie off by some mm when bones were joined or lost.
    private func isInTunnel(_ subject: Subject, _ hand: HandReading) -> Bool {
        let hasBases = hand.digits.contains { $0.digit != .first && $0.chain.roles.contains(.metacarpal) }
        guard let volar = hand.volar, hasBases else { return false }
        let off = subject.centre - carpus(hand)
        let sideways = off.perpendicular(to: volar).perpendicular(to: hand.distal).magnitude
        let more: Float = hasTendonBeside(subject) ? Self.carpusOffMm : 0
        return (5...(22 + more)).contains(off.dot(volar))
            && ((-32 - more)...(8 + more)).contains(off.dot(hand.distal)) && sideways < 14 + more
            && subject.depthMm > Self.subcutaneousDepthMm
    }

    private func wristCompartment(_ subject: Subject, _ hand: HandReading) -> Compartment {
        if isInTunnel(subject, hand) { return .carpalTunnel }
        if subject.restsOnBone { return .periarticular }
        if hasTendonBeside(subject) { return .tendonSheath }
        return tissueCompartment(subject)
    }

    /// Where no hand was read: what grows on bone, what lies along a tendon, else by the tissue around.
    private func limbCompartment(_ subject: Subject) -> Compartment {
        if subject.restsOnBone { return .periarticular }
        if hasTendonBeside(subject) || subject.isOnStrand { return .tendonSheath }
        return tissueCompartment(subject)
    }

    private func tissueCompartment(_ subject: Subject) -> Compartment {
        // Skin is lean itself: what is deeper and in lean tissue through and through lies in a muscle under thin fat.
        let least = subject.fatFraction < Self.muscleFraction ? Self.skinDepthMm : Self.subcutaneousDepthMm
        let isSubcutaneous = subject.depthMm < least || subject.fatFraction >= Self.leanFraction
        return isSubcutaneous ? .subcutaneous : .besideMuscle
    }
}
