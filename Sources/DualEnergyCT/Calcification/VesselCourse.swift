/// A straight length of a vessel, as calcium in its wall shows it.
package struct VesselLength: Sendable {
    package private(set) var centre: SIMD3<Float>
    package private(set) var axis: SIMD3<Float>
    private(set) var radiusMm: Float
    /// Half of the wall's thickness that counts as on the wall, in mm.
    private(set) var toleranceMm: Float
    private let lengthMm: Float
    private let narrowing: Float

    /// Lengths further apart than this are not taken for one vessel, in mm.
    private static let farthestMm: Float = 60
    /// A vessel bends by no more than this a millimetre of its course, and narrows by no more than this factor.
    private static let bendPerMm: Float = 0.25
    private static let narrowing: Float = 1.7
    /// A radius that is read from one side may be wrong by as much as this.
    private static let halfNarrowing: Float = 2.5
    /// Cosine of the largest angle between two lengths of one vessel.
    private static let leastCosine: Float = 0.7

    package init(_ fit: LumenFit) {
        (centre, axis, radiusMm) = (fit.centre, fit.axis, fit.radiusMm)
        toleranceMm = LumenFit.toleranceMm
        lengthMm = fit.lengthMm
        narrowing = fit.isTube ? Self.narrowing : Self.halfNarrowing
    }

    package init(_ fit: TubeFit) {
        (centre, axis, radiusMm) = (fit.centre, fit.axis, fit.radiusMm)
        toleranceMm = fit.toleranceMm
        lengthMm = fit.lengthMm
        narrowing = Self.narrowing
    }

    /// The stretch between two lengths of one vessel: its direction is surer than that of a short ring's.
    package static func between(_ a: VesselLength, _ b: VesselLength) -> VesselLength? {
        let step = b.centre - a.centre
        guard step.magnitude > 2 * max(a.radiusMm, b.radiusMm), a.joins(b) else { return nil }
        var result = a
        result.centre += 0.5 * step
        result.axis = step.direction
        result.radiusMm = 0.5 * (a.radiusMm + b.radiusMm)
        result.toleranceMm = max(a.toleranceMm, b.toleranceMm)
        return result
    }

    /// Whether another length can be of the same vessel: in line, of about its width, not beside it.
    package func joins(_ other: VesselLength) -> Bool {
        let step = other.centre - centre
        let ratio = radiusMm / other.radiusMm
        let most = max(narrowing, other.narrowing)
        guard step.magnitude < Self.farthestMm, ratio < most, 1 / ratio < most,
            abs(axis.dot(other.axis)) > Self.leastCosine
        else { return false }
        // The longer length's direction is the surer one.
        let (sure, rough) = lengthMm > other.lengthMm ? (axis, other.axis) : (other.axis, axis)
        let allowed = 0.5 * max(radiusMm, other.radiusMm) + 0.5 + Self.bendPerMm * step.magnitude
        return step.perpendicular(to: sure).magnitude < allowed
            && step.perpendicular(to: rough).magnitude < 2 * allowed
    }

    /// Whether most of a piece lies on this vessel's wall or its straight continuation.
    package func continues(_ positions: [SIMD3<Float>], reachMm: Float) -> Bool {
        var count = 0
        for p in positions {
            let along = (p - centre).dot(axis)
            let r = (p - centre).perpendicular(to: axis).magnitude
            // A vessel bends: the wall is looser with the distance.
            let loose = toleranceMm + 0.3 + 0.05 * abs(along)
            if abs(along) <= reachMm, abs(r - radiusMm) <= loose { count += 1 }
        }
        return Float(count) >= 0.7 * Float(positions.count)
    }

    /// The same vessel seen from further along it.
    package func moved(to point: SIMD3<Float>) -> VesselLength {
        var result = self
        result.centre += (point - centre).dot(axis) * axis
        return result
    }
}

/// Which pieces belong to vessels, judged together: alone a plate looks like the side of a tendon's sheath, ten in line
/// do not.
struct VesselCourses {
    /// What a piece shows of a vessel by itself.
    enum Evidence: Comparable {
        case none
        /// One side of something lighter, whatever that is.
        case half
        /// A thin wall around a good part of something lighter, over a short length.
        case arc
        /// One side of a tube of blood's density in fat.
        case plate
        /// A thin wall on more than one side of a lumen.
        case lumen
    }

    struct Member {
        var evidence: Evidence
        var lengths: [VesselLength]

        /// One length goes on from another.
        var isInLine: Bool { lengths.indices.contains { a in lengths[..<a].contains { $0.joins(lengths[a]) } } }
    }

    private let members: [Member]
    /// Number of the course of each member; members without evidence are alone.
    private let course: [Int]

    /// Plates alone make a course from this many on.
    static let fewestPlates = 2

    init(_ members: [Member]) {
        self.members = members
        var course = Array(members.indices)
        for a in members.indices where members[a].evidence > .none {
            for b in 0..<a where members[b].evidence > .none && course[a] != course[b] {
                let isOne = members[a].lengths.contains { x in members[b].lengths.contains { x.joins($0) } }
                guard isOne else { continue }
                let (from, to) = (course[a], course[b])
                for n in course.indices where course[n] == from { course[n] = to }
            }
        }
        self.course = course
    }

    /// Members of the same course, itself included.
    func company(of n: Int) -> [Member] { members.indices.filter { course[$0] == course[n] }.map { members[$0] } }

    /// Whether a course holds enough for all of its members to be of a vessel.
    func isVessel(_ n: Int) -> Bool {
        let company = company(of: n)
        return company.contains { $0.evidence == .lumen }
            || company.count { $0.evidence >= .arc } >= Self.fewestPlates
    }
}
