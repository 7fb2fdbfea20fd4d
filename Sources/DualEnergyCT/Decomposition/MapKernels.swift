/// The point-wise steps from CT numbers to maps, for eight voxels and their own coefficients.
enum MapKernels {
    /// Below this mean of both images a voxel is air, in HU.
    static let airHU: Float = -500

    /// Linear maps, in the order in which they come: those of no CT number, others that are 0 in air as well, all.
    struct Counts {
        var constant: Int
        var masked: Int
        var linear: Int
    }

    /// All linear maps of some blocks of a line, two blocks at a time; of an odd number the last one twice.
    ///
    /// - Parameters:
    ///   - low, high: the line in both images.
    ///   - forms: three coefficients for each map, block by block.
    ///   - start: of the line in the maps.
    static func linear(
        _ run: Range<Int>, _ low: UnsafePointer<Int16>, _ high: UnsafePointer<Int16>, _ forms: UnsafePointer<Lanes>,
        _ counts: Counts, into maps: UnsafePointer<UnsafeMutablePointer<Float>>, at start: Int
    ) {
        let all = 3 &* counts.linear
        var n = run.lowerBound
        while n < run.upperBound {
            let next = n &+ 1 < run.upperBound ? 1 : 0
            let (place, step, other) = (Lanes.scalarCount &* n, Lanes.scalarCount &* next, all &* next)
            let a = VoxelLanes(low + place, high + place)
            let b = VoxelLanes(low + (place &+ step), high + (place &+ step))
            var form = forms + all &* n
            for m in 0..<counts.constant {
                let map = maps[m] + (start &+ place)
                form[2].masked(a.tissue).store(map)
                form[other &+ 2].masked(b.tissue).store(map + step)
                form += 3
            }
            for m in counts.constant..<counts.masked {
                let map = maps[m] + (start &+ place)
                linear(a.low, a.high, form).masked(a.tissue).store(map)
                linear(b.low, b.high, form + other).masked(b.tissue).store(map + step)
                form += 3
            }
            for m in counts.masked..<counts.linear {
                let map = maps[m] + (start &+ place)
                linear(a.low, a.high, form).store(map)
                linear(b.low, b.high, form + other).store(map + step)
                form += 3
            }
            n &+= 2
        }
    }

    /// `a x + b y + c`.
    @inline(__always)
    static func linear(_ x: Lanes, _ y: Lanes, _ form: UnsafePointer<Lanes>, from first: Int = 0) -> Lanes {
        form[first] * x + form[first + 1] * y + form[first + 2]
    }

    /// One linear form over another, the divisor at least `least`: the coefficients of both, one after the other.
    @inline(__always)
    static func quotient(_ x: Lanes, _ y: Lanes, _ forms: UnsafePointer<Lanes>, least: Float) -> Lanes {
        linear(x, y, forms) / linear(x, y, forms, from: 3).atLeast(least)
    }

    /// Standard deviation of a quotient, to first order in the noise.
    ///
    /// The coefficients of `quotient`, then the noise: low, high, both.
    @inline(__always)
    static func quotientDeviation(_ x: Lanes, _ y: Lanes, _ forms: UnsafePointer<Lanes>, least: Float)
        -> (value: Lanes, deviation: Lanes)
    {
        let divisor = linear(x, y, forms, from: 3).atLeast(least)
        let value = linear(x, y, forms) / divisor
        let (ofLow, ofHigh) = ((forms[0] - value * forms[3]) / divisor, (forms[1] - value * forms[4]) / divisor)
        var variance = forms[6] * ofLow * ofLow
        variance += 2 * forms[8] * ofLow * ofHigh
        variance += forms[7] * ofHigh * ofHigh
        return (value, variance.atLeast(0).root())
    }

    /// The constrained estimate as a linear form of the CT numbers.
    ///
    /// It depends on the tissue and on the local response, not on the voxels: `ConstrainedForm`.
    @inline(__always)
    static func constrained(
        _ tissue: TissueLanes, _ form: UnsafePointer<Lanes>, displaced: Lanes, into output: UnsafeMutablePointer<Lanes>
    ) {
        let (x, y, q) = (tissue.low, tissue.high, tissue.fatVariance)
        let (ofLow, ofHigh) = (form[0] + q * form[1], form[2] + q * form[3])
        let (slopeLow, slopeHigh) = (form[4] + displaced * x, form[5] + displaced * y)
        let scale: Lanes = 1 / (ofLow * slopeLow + ofHigh * slopeHigh)
        output[0] = ofLow * scale
        output[1] = ofHigh * scale
        output[2] = -scale * (ofLow * x + ofHigh * y)
    }

    /// Standard deviation of the constrained estimate.
    @inline(__always)
    static func constrainedDeviation(_ tissue: TissueLanes, _ form: UnsafePointer<Lanes>) -> Lanes {
        let q = tissue.fatVariance
        return ((form[8] + q * form[9]) / (form[6] + q * form[7])).root()
    }

    /// A linear form of the excesses over a tissue as one of the CT numbers: only the constant changes.
    @inline(__always)
    static func onTissue(_ tissue: TissueLanes, _ form: UnsafePointer<Lanes>, into output: UnsafeMutablePointer<Lanes>)
    {
        output[0] = form[0]
        output[1] = form[1]
        output[2] = -(form[0] * tissue.low + form[1] * tissue.high)
    }

    /// Standard deviation of a linear form of the excesses over a tissue: noise, and the tissue's fat fraction.
    @inline(__always)
    static func onTissueDeviation(_ tissue: TissueLanes, _ form: UnsafePointer<Lanes>) -> Lanes {
        (form[0] + tissue.fatVariance * form[1]).root()
    }
}
