import CMemory

/// Eight neighbouring voxels of a row: the unit of the point-wise steps, a block of columns.
///
/// Rows of coefficients are arrays of these, aligned for the instructions that use them. The loops over them reach them
/// by pointers: with checked subscripts half of the instructions were checks.
typealias Lanes = SIMD8<Float>

extension Lanes {
    /// Eight numbers of an image that has as many from there on.
    @inline(__always)
    static func numbers(_ image: UnsafePointer<Int16>) -> SIMD8<Int16> {
        UnsafeRawPointer(image).loadUnaligned(as: SIMD8<Int16>.self)
    }

    /// As floating point numbers. Lane by lane, or the compiler makes it a call for each block.
    @inline(__always)
    init(image: UnsafePointer<Int16>) {
        let n = Self.numbers(image)
        self.init(
            Float(n[0]), Float(n[1]), Float(n[2]), Float(n[3]), Float(n[4]), Float(n[5]), Float(n[6]), Float(n[7]))
    }

    /// Past the caches: `apatite_stored` ends it.
    @inline(__always)
    func store(_ map: UnsafeMutablePointer<Float>) {
        apatite_store(map, lowHalf, highHalf)
    }

    /// 0 where no bit of the mask is set.
    @inline(__always)
    func masked(_ mask: SIMD8<UInt32>) -> Lanes {
        unsafeBitCast(unsafeBitCast(self, to: SIMD8<UInt32>.self) & mask, to: Lanes.self)
    }

    @inline(__always)
    func atLeast(_ least: Float) -> Lanes { replacing(with: least, where: self .< least) }

    /// Square root of positive numbers within three parts in ten million: `squareRoot()` goes lane by lane.
    ///
    /// Newton's iteration for the reciprocal root, begun from half the exponent.
    @inline(__always)
    func root() -> Lanes {
        var y = unsafeBitCast(0x5F37_5A86 &- (unsafeBitCast(self, to: SIMD8<UInt32>.self) &>> 1), to: Lanes.self)
        let half = 0.5 * self
        y *= 1.5 - half * y * y
        y *= 1.5 - half * y * y
        y *= 1.5 - half * y * y
        return self * y
    }
}

/// The CT numbers of eight voxels, and where among them is no air.
struct VoxelLanes {
    let low: Lanes
    let high: Lanes
    /// All bits of a lane, or none.
    let tissue: SIMD8<UInt32>

    @inline(__always)
    init(_ low: UnsafePointer<Int16>, _ high: UnsafePointer<Int16>) {
        (self.low, self.high) = (Lanes(image: low), Lanes(image: high))
        // The sign of a difference, which whole numbers never leave at 0: a comparison would be made anew for each map.
        let air = (2 * MapKernels.airHU - 0.5) - (self.low + self.high)
        tissue = SIMD8(truncatingIfNeeded: unsafeBitCast(air, to: SIMD8<Int32>.self) &>> 31)
    }
}

/// What eight voxels have around them: CT numbers of the tissue in HU and the variance of its fat fraction.
struct TissueLanes {
    var low = Lanes()
    var high = Lanes()
    var fatVariance = Lanes()
}
