extension RegionMaker {
    /// Epicondylar width 78 mm, tibial plateau 72 by 48 mm, patella 42 mm; a fabella in one of three knees.
    mutating func makeKnee(_ parameters: RegionParameters) {
        bones.append(
            .joined([
                lump(Point(20, 4, 18), Point(17, 29, 21)), lump(Point(-20, 4, 18), Point(17, 30, 20)),
                tube(Point(0, -2, 8), Point(-5, -4, 205), SIMD2(33, 19), SIMD2(14, 14.5), SIMD2(16, 16), cortexMm: 4.5),
            ]))
        bones.append(
            .joined([
                lump(Point(0, 2, -17), Point(37, 24, 14)), lump(Point(0, -15, -38), Point(9, 8, 12)),
                tube(Point(0, 2, -16), Point(2, 0, -190), SIMD2(30, 21), SIMD2(12, 13.5), SIMD2(16, 16), cortexMm: 4.2),
            ]))
        bones.append(
            .joined([
                lump(Point(-34, 14, -30), Point(9, 10, 12)),
                tube(Point(-34, 14, -32), Point(-34, 10, -250), SIMD2(8, 8), SIMD2(6, 6), SIMD2(8, 8), cortexMm: 2.4),
            ]))
        bones.append(lump(Point(-2, -43, 20), Point(21, 9.5, 21)))
        if generator.uniform() < 0.35 { bones.append(lump(Point(-22, 39, 26), Point(3.6, 2.8, 4.4), cortexMm: 0.7)) }
        skin(Point(-2, -2, 130), Point(0, -2, 25), 66, 59)
        skin(Point(0, -6, 25), Point(0, -2, -25), 57, 53)
        skin(Point(0, 2, -25), Point(-4, 8, -130), 52, 55)
        muscle(Point(24, -22, 130), Point(24, -16, 34), 28, 13)
        muscle(Point(-22, -24, 130), Point(-24, -18, 44), 30, 12)
        muscle(Point(0, -38, 130), Point(0, -38, 60), 20, 8)
        muscle(Point(22, 34, 130), Point(28, 32, 24), 20, 9)
        muscle(Point(-22, 34, 130), Point(-28, 30, 30), 18, 9)
        muscle(Point(16, 40, 14), Point(18, 34, -130), 11, 22)
        muscle(Point(-16, 40, 14), Point(-16, 34, -130), 11, 20)
        muscle(Point(-18, -8, -40), Point(-18, -10, -130), 8, 15)
        muscle(Point(2, 24, -30), Point(2, 20, -130), 8, 16)
        tendon(Point(0, -42, 0), Point(0, -31, -40), 5)
        tendon(Point(0, -38, 60), Point(-1, -44, 40), 6)
        tendon(Point(30, 34, 24), Point(24, 6, -46), 3)
        tendon(Point(-30, 30, 30), Point(-34, 18, -26), 3.4)
        artery(
            [Point(14, 26, 130), Point(4, 34, 40), Point(0, 34, -20), Point(0, 22, -60), Point(-8, 20, -130)],
            1.8...3.3,
            share: parameters.vascularShare)
        other(.looseBody, Point(10, 34, 4), 2...5, probability: 0.5, lucentShare: 0.3)
        other(.enthesophyte, Point(-2, -47, 42), 1.5...3, jitter: 1, stretch: Point(1.2, 0.7, 1.6))
        other(.phlebolith, Point(-26, 44, -50), 1.2...2.4, jitter: 6, lucentShare: 0.45)
        if parameters.hasMetal {
            screws.append(TaperedRod(scale * Point(-32, 4, -20), scale * Point(28, 4, -22), 3.2, 3.2))
        }
        field = scale * -72...scale * 78
    }

    /// A foot 240 mm long, bent to the sole by 20 to 50 degrees; metatarsals 60 to 72 mm. Toes lie to the front.
    mutating func makeFoot(_ parameters: RegionParameters) {
        let bend = generator.uniform(20...50)
        let toes = Point(0, -cosine(degrees: bend), -sine(degrees: bend))
        let back = Point(0, -sine(degrees: bend), cosine(degrees: bend))
        /// To the toes, to the back of the foot and to the middle, from the middle of the ankle.
        func at(_ along: Float, _ up: Float, _ medial: Float) -> Point {
            along * toes + up * back + Point(medial, 0, 0)
        }
        func tarsal(_ along: Float, _ up: Float, _ medial: Float, _ half: Point) -> Bone {
            lump(at(along, up, medial), half, axis: toes, dorsal: back)
        }
        bones.append(
            .joined([
                tube(Point(2, 0, 4), Point(0, 2, 260), SIMD2(19, 16), SIMD2(11, 12), SIMD2(14, 14), cortexMm: 3.6),
                lump(Point(17, 1, -5), Point(6, 10, 11)),
            ]))
        bones.append(
            tube(Point(-22, 6, -22), Point(-20, 8, 260), SIMD2(8, 11), SIMD2(6, 6), SIMD2(8, 8), cortexMm: 2.4))
        bones.append(.joined([tarsal(6, -12, 0, Point(15, 11, 18)), tarsal(24, -16, 6, Point(13, 11, 12))]))
        bones.append(.joined([tarsal(-8, -36, -4, Point(14, 16, 33)), tarsal(18, -34, -12, Point(12, 11, 16))]))
        bones.append(tarsal(44, -16, 9, Point(17, 12, 8)))
        bones.append(tarsal(50, -33, -15, Point(13, 10, 15)))
        for (medial, width) in [(Float(17), Float(9)), (4, 7), (-7, 7.5)] {
            bones.append(tarsal(62, -19 - 0.2 * abs(medial - 6), medial, Point(width, 10, 10)))
        }
        // Lengths of metatarsal and phalanges; place of the base to the middle; spread; thickness.
        let rays: [(lengths: [Float], base: Point, spread: Float, girth: Float)] = [
            ([60, 30, 23], Point(20, -22, 75), 4, 1.55), ([71, 27, 12, 10], Point(6, -18, 74), 1, 1),
            ([67, 25, 10, 9.5], Point(-6, -20, 74), -3, 0.97), ([66, 23, 8.5, 9], Point(-15, -26, 68), -7, 0.97),
            ([65, 21, 7.5, 8.5], Point(-24, -32, 62), -11, 1.02),
        ]
        for (number, ray) in rays.enumerated() {
            let drop = number == 0 ? Float(-0.22) : -0.26 + 0.03 * Float(number)
            let direction = normalized(
                toes + drop * back + Point(sine(degrees: ray.spread + generator.uniform(-2...2)), 0, 0))
            var place = at(ray.base.z, ray.base.y, ray.base.x)
            for (segment, bone) in ray.lengths.enumerated() {
                let axis = segment == 0 ? direction : normalized(direction - drop * back * (segment == 1 ? 1.2 : 0.7))
                let end = place + bone * generator.uniform(0.95...1.05) * axis
                let size = ray.girth * (segment == 0 ? 1 : segment == 1 ? 0.95 : 0.8)
                bones.append(
                    tube(
                        place, end, dorsal: back, size * SIMD2(7, 6.6), size * SIMD2(segment > 1 ? 4 : 3.7, 3.7),
                        size * SIMD2(segment > 1 ? 5 : 6, segment > 1 ? 3.4 : 6), cortexMm: segment == 0 ? 1.9 : 1.1))
                let wide: Float = segment == 0 ? 15 : number == 0 ? 12.5 : 9
                skin(place - 5 * back, end - (segment == 0 ? 6 : 1.5) * back, segment == 0 ? 17 : wide, wide)
                if segment == 0 {
                    muscle(place - 13 * back, end - 10 * back, 8.5, 4)
                    muscle(place + Point(-6, 0, 0), end + Point(-6, 0, 0), 4, 3.5)
                }
                tendon(place + size * 8 * back, end + size * 7.5 * back, 1.3)
                tendon(place - size * 10 * back, end - size * 8 * back, 1.6)
                if segment == 0, number == 0 {
                    for side in [Float(-5), 6] {
                        bones.append(lump(end - 4 * axis - 11 * back + Point(side, 0, 0), Point(3.8, 2.9, 5)))
                    }
                }
                place = end + 1.8 * axis
            }
        }
        skin(Point(-2, 4, 130), Point(-2, 2, -8), 42, 33)
        skin(at(-22, -34, -3), at(20, -30, -6), 29, 29)
        skin(at(10, -18, 0), at(62, -24, 0), 32, 30)
        skin(at(30, -26, -8), at(75, -30, -16), 27, 24)
        muscle(Point(4, 26, 130), Point(0, 30, 50), 17, 6)
        muscle(Point(-16, -10, 130), Point(-8, -12, 30), 14, 5)
        muscle(at(0, -50, 6), at(70, -38, 8), 8, 9)
        tendon(Point(0, 32, 50), at(-36, -22, -3), 4.4)
        tendon(Point(2, -22, 30), at(40, 0, 6), 2.4)
        tendon(Point(14, 16, 40), at(34, -28, 14), 2.2)
        artery(
            [Point(12, 24, 130), Point(16, 20, -5), at(12, -32, 20), at(50, -42, 8)], 1...1.8,
            share: parameters.vascularShare)
        artery(
            [Point(2, -20, 60), at(30, -1, 4), at(72, -8, 14), at(120, -18, 14)], 0.8...1.4,
            share: parameters.vascularShare)
        other(.enthesophyte, at(-20, -52, -2), 1.5...3, jitter: 1, stretch: Point(1.4, 1.4, 0.8))
        other(.phlebolith, Point(24, 16, 30), 1...2, jitter: 5, probability: 0.4, lucentShare: 0.4)
        if parameters.hasMetal {
            screws.append(TaperedRod(scale * Point(24, 0, -12), scale * Point(0, 2, 16), 2, 2))
        }
        field = scale * -150...scale * 30
    }
}
