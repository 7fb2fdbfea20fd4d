extension Volume: Equatable where Element: Equatable {}

/// A scalar field on a grid: columns fastest, then rows, then slices.
public struct Volume<Element: Sendable>: Sendable {
    public let geometry: GridGeometry
    /// `geometry.voxelCount` values; voxel (i, j, k) is at `geometry.index(i, j, k)`.
    public var voxels: [Element]

    /// - Precondition: `voxels.count == geometry.voxelCount`.
    public init(geometry: GridGeometry, voxels: [Element]) {
        precondition(voxels.count == geometry.voxelCount, "a volume has as many voxels as its grid")
        self.geometry = geometry
        self.voxels = voxels
    }

    public init(geometry: GridGeometry, repeating value: Element) {
        self.init(geometry: geometry) { range, first in
            (first + range.lowerBound).initialize(repeating: value, count: range.count)
        }
    }

    /// The volume whose voxels `write` gives for a range of linear indices at a time, on all cores.
    ///
    /// - Parameter write: initialises the voxels of its range, counted from the pointer's place 0.
    package init(geometry: GridGeometry, writing write: (Range<Int>, UnsafeMutablePointer<Element>) -> Void) {
        let count = geometry.voxelCount
        let voxels = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let first = buffer.baseAddress {
                nonisolated(unsafe) let first = first
                concurrently(count, voxels: count) { write($0, first) }
            }
            initialized = count
        }
        self.init(geometry: geometry, voxels: voxels)
    }

    /// Each voxel's value under `transform`.
    @inline(__always)
    package func map<Result: Sendable>(_ transform: (Element) -> Result) -> Volume<Result> {
        voxels.withUnsafeBufferPointer { voxels in
            Volume<Result>(geometry: geometry) { range, result in
                for n in range { (result + n).initialize(to: transform(voxels[n])) }
            }
        }
    }

    /// Changes each voxel in place by its linear index, on all cores.
    @inline(__always)
    package mutating func update(_ change: (Int, inout Element) -> Void) {
        let count = voxels.count
        voxels.withUnsafeMutableBufferPointer { voxels in
            let voxels = voxels
            concurrently(count, voxels: count) { for n in $0 { change(n, &voxels[n]) } }
        }
    }

    public subscript(i: Int, j: Int, k: Int) -> Element {
        get { voxels[geometry.index(i, j, k)] }
        set { voxels[geometry.index(i, j, k)] = newValue }
    }

    /// A copy of the voxels of a box.
    public func cropped(to box: VoxelBox) -> Volume {
        if box == geometry.box { return self }
        let target = geometry.cropped(to: box)
        let columns = box.columns.count
        let cropped = [Element](unsafeUninitializedCapacity: target.voxelCount) { buffer, initialized in
            if let first = buffer.baseAddress {
                nonisolated(unsafe) let first = first
                voxels.withUnsafeBufferPointer { voxels in
                    nonisolated(unsafe) let voxels = voxels
                    concurrently(box.slices.count, voxels: target.voxelCount) { slices in
                        for k in slices {
                            for (row, j) in box.rows.enumerated() {
                                let start = geometry.index(box.columns.lowerBound, j, box.slices.lowerBound + k)
                                (first + target.index(0, row, k)).initialize(
                                    from: voxels.baseAddress! + start, count: columns)
                            }
                        }
                    }
                }
            }
            initialized = target.voxelCount
        }
        return Volume(geometry: target, voxels: cropped)
    }
}
