extension RegionMaker {
    /// The pelvis with the femora down to the upper thigh: heads of 46 mm, 170 mm between their centres; the aorta parts
    /// in front of L5.
    mutating func makePelvis(_ parameters: RegionParameters) {
        for side in [Float(1), -1] {
            func at(_ x: Float, _ y: Float, _ z: Float) -> Point { Point(side * x, y, z) }
            bones.append(
                .joined([
                    lump(
                        at(112, -6, 82), Point(6.5, 56, 58), axis: at(0.28, 0, 1), dorsal: at(0.35, 1, 0), cortexMm: 1.4
                    ),
                    lump(at(86, 12, 34), Point(16, 26, 32), cortexMm: 1.4),
                    lump(at(74, 30, 2), Point(11, 13, 30), axis: at(-0.15, 0.1, 1), cortexMm: 1.4),
                    lump(at(58, 36, -32), Point(14, 15, 22), cortexMm: 1.4),
                    tube(
                        at(80, -4, 12), at(12, -34, -18), SIMD2(11, 11), SIMD2(7, 7), SIMD2(12, 14), cortexMm: 1.6),
                    tube(
                        at(56, 28, -40), at(14, -24, -34), SIMD2(9, 9), SIMD2(6.5, 5), SIMD2(8, 9), cortexMm: 1.4),
                ]))
            bones.append(
                .joined([
                    lump(at(88, 0, 0), Point(repeating: 23)),
                    tube(at(90, 0, -2), at(126, 4, -34), SIMD2(20, 19), SIMD2(14, 13), SIMD2(20, 18), cortexMm: 2.4),
                    lump(at(140, 8, -22), Point(16, 21, 22)), lump(at(116, 18, -56), Point(10, 10, 13)),
                    tube(
                        at(128, 2, -30), at(112, 0, -300), SIMD2(20, 19), SIMD2(14, 14), SIMD2(20, 18), cortexMm: 5.2),
                ]))
            skin(at(98, 6, -260), at(98, 10, -20), 78, 92)
            skin(at(70, 6, -30), at(64, 0, 180), 108, 104)
            // Behind the muscles of the buttock lie some 18 mm of fat.
            muscle(at(108, 54, 80), at(110, 48, -40), 32, 36)
            muscle(at(80, 54, 40), at(116, 40, -50), 36, 24)
            muscle(at(60, -30, 180), at(88, -34, 0), 24, 16)
            muscle(at(100, -46, -60), at(104, -36, -260), 26, 34)
            muscle(at(64, 4, -60), at(72, 4, -260), 26, 34)
            muscle(at(110, 50, -80), at(104, 42, -260), 20, 32)
            muscle(at(138, -6, -70), at(134, -6, -260), 16, 22)
            muscle(at(26, 62, 180), at(26, 66, 70), 24, 16)
            tendon(at(136, 14, -40), at(112, 46, -60), 6)
            tendon(at(60, 46, -40), at(84, 46, -100), 5)
            tendon(at(100, -20, -30), at(116, 10, -60), 5)
            artery(
                [
                    at(10, -24, 96), at(44, -22, 56), at(72, -52, 18), at(84, -56, -10), at(86, -40, -100),
                    at(90, -18, -260),
                ], 3.4...5.6, share: parameters.vascularShare)
            artery([at(42, -22, 58), at(54, 10, 30), at(58, 34, 4)], 1.8...3.4, share: parameters.vascularShare)
            for _ in 0..<2 {
                other(
                    .phlebolith, at(generator.uniform(40...58), generator.uniform(4...30), generator.uniform(-20...24)),
                    1.4...3, jitter: 2, lucentShare: generator.uniform() < 0.5 ? 0.45 : 0)
                other(
                    .injectionGranuloma, at(generator.uniform(90...120), 104, generator.uniform(20...70)), 2...6,
                    jitter: 5, probability: 0.5, lucentShare: generator.uniform() < 0.5 ? 0.6 : 0)
            }
            other(.lymphNode, at(70, -66, -14), 3...6, jitter: 6, probability: 0.25)
            if parameters.hasMetal, side > 0 {
                screws.append(TaperedRod(scale * at(152, 6, -52), scale * at(90, 0, 0), 4, 4))
            }
        }
        artery([Point(0, -26, 180), Point(0, -28, 98)], 7...8, share: parameters.vascularShare)
        bones.append(
            .joined([
                lump(Point(0, 42, 52), Point(48, 13, 38), axis: Point(0, 0.45, 1), cortexMm: 1.2),
                lump(Point(0, 60, 8), Point(16, 8, 26), axis: Point(0, -0.3, 1), cortexMm: 1),
            ]))
        for (number, z) in [Float(108), 146].enumerated() {
            bones.append(
                .joined([
                    lump(Point(0, 10 - 4 * Float(number), z), Point(25, 17, 13.5), cortexMm: 1.1),
                    lump(Point(0, 44, z), Point(22, 9, 10)), lump(Point(0, 62, z - 4), Point(4, 16, 10)),
                ]))
        }
        skin(Point(0, -6, -20), Point(0, -10, 180), 104, 102)
        // Rectum, small bowel and the bladder, in front of which fat lies.
        strand(.muscle, Point(0, 32, 0), Point(4, 24, 36), 17, 16)
        for _ in 0..<5 {
            let place = Point(generator.uniform(-50...50), generator.uniform(-62 ... -40), generator.uniform(50...150))
            strand(.muscle, place, place + 34 * generator.direction(), 15, 14)
            other(.bowelContents, place, 2...5, jitter: 4, probability: 0.5, mgPerCm3: 60...250)
        }
        let oral = Point(generator.uniform(30...60), -48, generator.uniform(60...120))
        if generator.uniform() < 0.4 { strand(.contrast, oral, oral + Point(6, 4, 30), 11, 9) }
        strand(.fluid, Point(0, -26, 2), Point(0, -30, 16), 26, 26)
        other(.stone, Point(0, -6, 2), 2...5, jitter: 3, probability: 0.4, mgPerCm3: 400...900)
        field = scale * -110...scale * 90
    }
}
