import DualEnergyCT
import Testing

/// Compartments of deposits beside the bones of a flat hand of sticks, in a block of tissue.
@Suite struct DepositPlacingTests {
    /// Thumb first, a right hand's: x to the thumb, z distal, y out of the palm is negative.
    private static let rays: [(base: SIMD3<Float>, spread: Float, lengths: [Float])] = [
        (SIMD3(80, 22, 38), 35, [44, 30, 21]), (SIMD3(72, 30, 42), 6, [63, 38, 22, 16.5]),
        (SIMD3(62, 30, 43), 0, [61, 42, 26, 17.5]), (SIMD3(52, 30, 42), -6, [55, 39, 25, 17.5]),
        (SIMD3(44, 30, 40), -13, [51, 31, 18, 15.5]),
    ]

    /// Volar of the little finger's middle phalanx, 4 mm before its end.
    private static let volarOfLittleMiddle = SIMD3<Float>(21.5, 24, 137)

    private var placing: DepositPlacing { Self.placing(lost: 0) }

    /// - Parameters:
    ///   - lost: of the little finger's bones, from the tip.
    ///   - tipMm: soft tissue beyond the last bones; nil where the images end in it.
    private static func placing(lost: Int, tipMm: Float? = 5) -> DepositPlacing {
        var pieces: [BonePiece] = []
        for (number, ray) in Self.rays.enumerated() {
            var at = ray.base
            for length in ray.lengths.dropLast(number == 4 ? lost : 0) {
                let angle = Double(ray.spread) * .pi / 180
                let axis = SIMD3(Float(sine(angle)), 0, Float(cosine(angle)))
                let offsets: [SIMD3<Float>] = [SIMD3(3, 0, 0), SIMD3(-3, 0, 0), SIMD3(0, 3, 0), SIMD3(0, -3, 0)]
                var positions: [SIMD3<Float>] = []
                for step in 0...30 {
                    let middle = at + (Float(step) / 30 * length) * axis
                    positions += offsets.map { middle + $0 }
                }
                pieces.append(BonePiece(positions: positions))
                at += (length + 1.6) * axis
            }
        }
        // Thicker soft tissue on the palm's side.
        return DepositPlacing(
            pieces: pieces, paths: LimbPaths(body: .limbBlock), region: .hand, laterality: .unknown,
            skinDistance: { $1.y < -0.5 ? 9 : $1.y > 0.5 ? 5 : tipMm })
    }

    private func subject(
        _ centre: SIMD3<Float>, fat: Double, tendonShare: Double, depthMm: Double = 4
    ) -> DepositPlacing.Subject {
        DepositPlacing.Subject(
            centre: centre, depthMm: depthMm, restsOnBone: false, fatFraction: fat, elongation: 1.2,
            tendonShare: tendonShare, isOnStrand: false)
    }

    @Test func theTissueBesideItSaysWhetherItFollowsATendon() {
        // Volar of the middle finger's first phalanx, off its midline.
        let centre = SIMD3<Float>(67, 24, 125)
        let onTendon = placing.place(subject(centre, fat: 0.65, tendonShare: 0.8))
        #expect(onTendon.digit == .third)
        #expect(onTendon.segment == .proximal)
        #expect(onTendon.compartment == .tendonSheath)
        #expect(placing.place(subject(centre, fat: 0.65, tendonShare: 0.05)).compartment == .subcutaneous)
    }

    @Test func leanTissueBesideAMetacarpalIsMuscle() {
        // In the midline of the little finger's ray, where the muscles of its ball lie.
        let hypothenar = SIMD3<Float>(38, 20, 65)
        let place = placing.place(subject(hypothenar, fat: 0.1, tendonShare: 0.1, depthMm: 7))
        #expect(place.digit == .fifth)
        #expect(place.compartment == .besideMuscle)
        func compartment(fat: Double, depthMm: Double) -> Compartment? {
            placing.place(subject(hypothenar, fat: fat, tendonShare: 0.1, depthMm: depthMm)).compartment
        }
        #expect(compartment(fat: 0.1, depthMm: 4) == .besideMuscle, "under thin fat")
        #expect(compartment(fat: 0.1, depthMm: 2) == .subcutaneous, "in the skin's own blur")
        #expect(compartment(fat: 0.3, depthMm: 4) == .subcutaneous)
    }

    @Test func nearTheTipItIsThePadThoughTheEndPhalanxIsResorbed() {
        // The little finger has lost its end phalanx; its skin ends 5 mm beyond the middle one.
        let whole = placing.place(subject(Self.volarOfLittleMiddle, fat: 0.8, tendonShare: 0))
        #expect(whole.digit == .fifth)
        #expect(whole.segment == .middle)
        let resorbed = Self.placing(lost: 1).place(subject(Self.volarOfLittleMiddle, fat: 0.8, tendonShare: 0))
        #expect(resorbed.digit == .fifth)
        #expect(resorbed.segment == .distal)
        #expect(resorbed.compartment == .fingertipFatPad)
    }

    @Test func whereTheImagesEndNothingIsKnownOfTheTip() {
        let cut = Self.placing(lost: 1, tipMm: nil).place(subject(Self.volarOfLittleMiddle, fat: 0.8, tendonShare: 0))
        #expect(cut.digit == .fifth)
        #expect(cut.segment == .middle)
    }

    @Test func aFingerThatEndsAtItsFirstPhalanxHasItsOwnSegmentThere() {
        // Volar of the little finger's first phalanx, 4 mm before its end.
        let volar = SIMD3<Float>(25.5, 24, 118)
        let place = Self.placing(lost: 2).place(subject(volar, fat: 0.8, tendonShare: 0))
        #expect(place.digit == .fifth)
        #expect(place.segment == .proximal)
    }

    @Test func thickSkinOfAFingerIsNoMuscle() {
        // Beside the middle finger's first phalanx, lean and deep.
        let beside = SIMD3<Float>(70, 30, 125)
        let place = placing.place(subject(beside, fat: 0.1, tendonShare: 0.1, depthMm: 5))
        #expect(place.segment == .proximal)
        #expect(place.compartment == .subcutaneous)
    }

    @Test func deepAmongTheTendonsOfTheWristIsTheTunnel() {
        // At its edge, as where the bases of the metacarpals are not known well.
        let tunnel = SIMD3<Float>(72, 17, 25)
        #expect(placing.place(subject(tunnel, fat: 0, tendonShare: 0.8, depthMm: 9)).compartment == .carpalTunnel)
        // In the palm, beyond the tunnel, the same tendons have their sheaths.
        let palm = SIMD3<Float>(60, 19, 85)
        #expect(placing.place(subject(palm, fat: 0, tendonShare: 0.8, depthMm: 9)).compartment == .tendonSheath)
    }
}
