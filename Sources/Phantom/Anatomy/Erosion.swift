/// An erosion: soft tissue that has grown into the margin of a bone beside a joint.
struct Erosion: Sendable {
    /// 0 is the thumb's ray.
    var ray: Int
    /// 0 is the metacarpal, then the phalanges from the palm.
    var segment: Int
    var centre: Point
    var radiusMm: Float
}

extension Skeleton {
    /// An end of a bone at a joint of a digit.
    private struct Site {
        var ray: Int
        var segment: Int
        var isHead: Bool
    }

    /// Erosions at as many ends of bones, no two at one: heads of metacarpals, bases and heads of phalanges.
    ///
    /// They lie at the bare area, where the joint's lining meets bone without cartilage, mostly to both sides: see the
    /// definition of Barnabe et al., J. Rheumatol. 43 (2016) 1935, for high-resolution CT.
    func erosions(
        count: Int, diametersMm: ClosedRange<Float>, using generator: inout SeededGenerator
    ) -> [Erosion] {
        var sites = rays.indices.flatMap { ray in
            [Site(ray: ray, segment: 0, isHead: true)]
                + rays[ray].phalanges.indices.flatMap { n in
                    // The tip is no joint.
                    [false, true].filter { !$0 || n + 1 < rays[ray].phalanges.count }
                        .map { Site(ray: ray, segment: n + 1, isHead: $0) }
                }
        }
        return (0..<min(count, sites.count)).map { _ in
            let site = sites.remove(at: generator.below(sites.count))
            let ray = rays[site.ray]
            let bone = site.segment == 0 ? ray.metacarpal : ray.phalanges[site.segment - 1]
            return bone.erosion(site.ray, site.segment, isHead: site.isHead, diametersMm, using: &generator)
        }
    }
}

extension LongBone {
    fileprivate func erosion(
        _ ray: Int, _ segment: Int, isHead: Bool, _ diametersMm: ClosedRange<Float>,
        using generator: inout SeededGenerator
    ) -> Erosion {
        let radius = 0.5 * generator.uniform(diametersMm)
        // The bare area lies where the rounded end meets the bone's side.
        let fromEnd = generator.uniform(0.6...0.9) * (isHead ? headHalf : baseHalf).max()
        let along = isHead ? length - fromEnd : fromEnd
        let angle = generator.uniform(-40...40) + (generator.uniform() < 0.5 ? 0 : 180)
        let out = cosine(degrees: angle) * frame.lateral + sine(degrees: angle) * frame.dorsal
        let share = along / fullLength
        let middle = base + along * frame.axis + bowMm * 4 * share * (1 - share) * frame.dorsal
        var surface: Float = 0
        while surface < largestHalf + 2, depth(middle + surface * out) > 0 { surface += 0.1 }
        // A break in the cortex of 0.7 to 0.95 of the diameter.
        let inset = generator.uniform(0.3...0.7) * radius
        return Erosion(ray: ray, segment: segment, centre: middle + (surface - inset) * out, radiusMm: radius)
    }
}

extension [Erosion] {
    /// Paints the erosions of a plane over bone, with what reads as the joint's inflamed lining does.
    func paint(_ grid: PlaneGrid, into labels: UnsafeMutableBufferPointer<UInt8>) {
        for erosion in self {
            guard let box = Box.slab(erosion.centre, erosion.centre, radius: erosion.radiusMm, z: grid.z) else {
                continue
            }
            let (columns, rows) = grid.ranges(box)
            for j in rows {
                for i in columns {
                    let at = j * grid.nx + i
                    guard Tissue(rawValue: labels[at]).isBone,
                        Phantom.length(grid.point(i, j) - erosion.centre) < erosion.radiusMm
                    else { continue }
                    labels[at] = Tissue.muscle.rawValue
                }
            }
        }
    }
}
