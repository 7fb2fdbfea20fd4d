/// A straight cylinder in a volume. Lengths in mm from voxel (0, 0, 0) along columns, rows, slices.
public struct Rod: Sendable, Equatable {
    /// The middle of the part that was found.
    public var centre: SIMD3<Double>
    /// Unit vector.
    public var axis: SIMD3<Double>
    public var radiusMm: Double
    /// Half the length of the part that was found.
    public var halfLengthMm: Double

    public init(centre: SIMD3<Double>, axis: SIMD3<Double>, radiusMm: Double, halfLengthMm: Double) {
        self.centre = centre
        self.axis = axis
        self.radiusMm = radiusMm
        self.halfLengthMm = halfLengthMm
    }

    /// Position along the axis from the centre, and distance from the axis.
    func place(_ p: SIMD3<Double>) -> (along: Double, across: Double) {
        let w = p - centre
        let along = (w * axis).sum()
        let across = w - along * axis
        return (along, (across * across).sum().squareRoot())
    }

    /// Length in mm of the line through `point` along the unit vector `direction` inside the rod.
    ///
    /// The rod goes on beyond the part that was seen by `halfLengthMm` at most: a ray in the plane of a slice never
    /// gets further along a rod that stands on it.
    func chordMm(through point: SIMD3<Double>, direction: SIMD3<Double>) -> Double {
        let w = point - centre
        let (wa, da) = ((w * axis).sum(), (direction * axis).sum())
        let (wp, dp) = (w - wa * axis, direction - da * axis)
        let a = (dp * dp).sum()
        guard a > 1e-9 else { return (wp * wp).sum() < radiusMm * radiusMm ? 2 * halfLengthMm : 0 }
        let b = (wp * dp).sum()
        let c = (wp * wp).sum() - radiusMm * radiusMm
        let discriminant = b * b - a * c
        guard discriminant > 0 else { return 0 }
        var (from, to) = ((-b - discriminant.squareRoot()) / a, (-b + discriminant.squareRoot()) / a)
        if abs(da) > 1e-9 {
            let ends = [(-2 * halfLengthMm - wa) / da, (2 * halfLengthMm - wa) / da].sorted()
            (from, to) = (max(from, ends[0]), min(to, ends[1]))
        }
        return max(0, to - from)
    }

    /// The part of the rod's own mineral that counts in its core: the chord at which the slope taken on the whole chord
    /// equals what reconstruction gives, over the rod's diameter.
    ///
    /// A ray's signal bends with the mineral m that it passes, as `a m - b m^2`. Filtered back-projection of the second
    /// term over a disc of radius R is, by Abel's inversion of R^2 - t^2, `(8 b / pi) sqrt(R^2 - r^2)`, against
    /// `2 b m` for the slope at m; averaged over the core of radius q R.
    static func selfShare(coreShare q: Double) -> Double {
        let rest = (1 - q * q).squareRoot()
        return 2 / Double.pi * 2 / (3 * q * q) * (1 - rest * rest * rest)
    }
}
