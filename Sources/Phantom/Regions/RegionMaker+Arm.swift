/// Dimensions are near the adult means of osteometry and anatomy atlases (Martin and Saller 1957; Gray's Anatomy),
/// rounded; every seed scales and varies them.
extension RegionMaker {
    /// The hand's carpus and forearm, with the radial and the ulnar artery. The hand's own axes: z to the fingertips.
    mutating func makeWrist(_ parameters: RegionParameters) {
        var hand = HandParameters()
        hand.demineralised = parameters.demineralised
        let skeleton = Skeleton(hand, scale: scale, using: &generator)
        let soft = SoftTissue(skeleton, scale: scale, using: &generator)
        bones = skeleton.bones
        envelope = soft.envelope
        strands = soft.strands
        artery(
            [Point(16, -8, -110), Point(19, -10, -6), Point(22, -3, 12)], 1.0...1.5, share: parameters.vascularShare)
        artery(
            [Point(-11, -14, -110), Point(-10, -16, -4), Point(-9, -17, 24)], 0.9...1.4, share: parameters.vascularShare
        )
        other(.looseBody, Point(-3, 11, 5), 1.2...2.2, jitter: 1.5)
        other(.enthesophyte, Point(16, -14, 15), 1...1.8, jitter: 1, stretch: Point(0.8, 0.8, 1.6))
        field = scale * -85...scale * 48
    }

    /// Distal humerus 60 mm across the epicondyles, head of the radius 22 mm, olecranon.
    mutating func makeElbow(_ parameters: RegionParameters) {
        bones.append(
            .joined([
                tube(Point(-1, 0, 1), Point(0, 0, 190), SIMD2(29, 8.5), SIMD2(10, 9.5), SIMD2(14, 14), cortexMm: 3.2),
                lump(Point(9, -1, 1), Point(13, 11, 10)), lump(Point(-13, -4, 1), Point(9.5, 11, 10)),
            ]))
        bones.append(
            tube(Point(-14, -3, -11), Point(-17, -6, -150), SIMD2(11, 11), SIMD2(6.5, 6.5), SIMD2(9, 8), cortexMm: 2.4))
        bones.append(
            .joined([
                lump(Point(8, 17, 10), Point(10, 8, 19)),
                tube(
                    Point(8, 9, -8), Point(10, 8, -150), SIMD2(11, 14), SIMD2(6.3, 7.5), SIMD2(7, 7), cortexMm: 2.6),
            ]))
        skin(Point(0, 0, 110), Point(0, 0, 20), 47, 41)
        skin(Point(-4, 0, 20), Point(-6, -2, -110), 42, 37)
        skin(Point(10, 0, 0), Point(8, 0, -70), 36, 34)
        muscle(Point(3, -21, 110), Point(0, -16, 20), 17, 9)
        muscle(Point(-12, -14, 110), Point(-8, -14, 8), 13, 9)
        muscle(Point(2, 22, 110), Point(6, 24, 40), 19, 10)
        muscle(Point(20, -8, 0), Point(16, -12, -110), 13, 14)
        muscle(Point(-26, -6, 16), Point(-24, -4, -110), 9, 12)
        muscle(Point(-4, 14, -25), Point(-6, 15, -110), 11, 11)
        tendon(Point(6, 25, 40), Point(8, 25, 22), 4)
        tendon(Point(0, -16, 20), Point(-9, -9, -30), 3.2)
        artery(
            [Point(18, -12, 110), Point(8, -21, 15), Point(2, -19, -25), Point(-12, -24, -110)], 1.3...2.1,
            share: parameters.vascularShare)
        other(.enthesophyte, Point(8, 26, 27), 1.5...3, jitter: 1, stretch: Point(1, 0.7, 1.6))
        other(.looseBody, Point(0, -13, 4), 1.5...3.5, jitter: 2, probability: 0.5, lucentShare: 0.3)
        if parameters.hasMetal {
            screws.append(TaperedRod(scale * Point(8, 26, 4), scale * Point(9, -2, -22), 2, 2))
        }
        field = scale * -62...scale * 62
    }

    /// Head of the humerus 46 mm, glenoid, blade of the scapula, acromion, clavicle, four ribs and the lung.
    mutating func makeShoulder(_ parameters: RegionParameters) {
        bones.append(
            .joined([
                lump(Point(4, 0, 0), Point(repeating: 23)), lump(Point(-14, -2, 3), Point(10, 14, 14)),
                tube(Point(-4, 0, -8), Point(-6, 0, -240), SIMD2(20, 20), SIMD2(11.5, 11), SIMD2(20, 9), cortexMm: 3.6),
            ]))
        bones.append(
            .joined([
                lump(Point(36, 3, -4), Point(7, 12, 18), cortexMm: 1.3),
                lump(Point(72, 26, -30), Point(52, 4.5, 62), axis: Point(0.05, 0.1, 1), dorsal: Point(0.45, -1, 0)),
                lump(Point(52, 30, 12), Point(46, 10, 4.5), dorsal: Point(0.2, 1, 0)),
                lump(Point(-2, 10, 35), Point(19, 22, 5)), lump(Point(34, -18, 16), Point(8, 14, 7)),
            ]))
        bones.append(
            tube(Point(12, -4, 37), Point(150, -38, 40), SIMD2(9, 6), SIMD2(6, 5.5), SIMD2(11, 11), cortexMm: 2.2))
        for number in 0..<4 {
            let z = Float(20 - 34 * number)
            let reach = Float(10 * number)
            let back = Point(128, 52, z + 18)
            let side = Point(74 - reach * 0.6, 8, z)
            let front = Point(118, -56, z - 22)
            bones.append(
                .joined([
                    tube(back, side, dorsal: Point(0, 0, 1), SIMD2(4, 7), SIMD2(3.6, 6.5), SIMD2(4, 7), cortexMm: 1.1),
                    tube(side, front, dorsal: Point(0, 0, 1), SIMD2(4, 7), SIMD2(3.6, 6.5), SIMD2(4, 7), cortexMm: 1.1),
                ]))
            other(
                .costalCartilage, front + Point(12, -4, -4), 3...5, jitter: 1, mgPerCm3: 100...300,
                stretch: Point(2, 0.8, 1))
        }
        skin(Point(-6, 0, -190), Point(-4, 2, 0), 44, 47)
        skin(Point(-4, 2, 0), Point(40, 4, 12), 47, 52)
        skin(Point(110, 0, -190), Point(110, 0, 0), 96, 84)
        skin(Point(150, 0, -190), Point(150, 0, 0), 98, 88)
        skin(Point(60, 6, -30), Point(100, 4, 20), 62, 66)
        strand(.lung, Point(136, 0, -190), Point(136, 0, -20), 62, 44)
        muscle(Point(-18, 2, -90), Point(-14, 2, 16), 17, 24)
        muscle(Point(10, -28, -60), Point(100, -50, -20), 16, 14)
        muscle(Point(96, 46, -70), Point(20, 24, 4), 20, 12)
        muscle(Point(96, 40, 18), Point(10, 8, 26), 14, 7)
        muscle(Point(-6, -20, -150), Point(0, -24, -40), 20, 12)
        muscle(Point(-4, 24, -150), Point(10, 24, -40), 20, 14)
        tendon(Point(10, 4, 26), Point(-16, 0, 20), 4, hasSheath: false)
        tendon(Point(-10, -20, 12), Point(-8, -16, -50), 2.6)
        artery(
            [Point(70, -22, 18), Point(44, -30, -20), Point(18, -12, -70), Point(14, -8, -150)], 2.4...3.4,
            share: parameters.vascularShare)
        other(
            .calcificTendinitis, Point(-15, -1, 22), 2.5...6, jitter: 2, probability: 0.7, stretch: Point(1.4, 1, 0.6))
        other(.lymphNode, Point(44, -16, -48), 2.5...5, jitter: 5, probability: 0.4)
        other(.looseBody, Point(16, 20, -20), 1.5...3, jitter: 3, probability: 0.3)
        field = scale * -85...scale * 48
    }
}
