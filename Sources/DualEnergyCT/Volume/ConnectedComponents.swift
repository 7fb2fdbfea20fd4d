/// The connected components of a mask.
public struct ConnectedComponents: Sendable {
    /// Which neighbours of a voxel belong to the same component.
    public enum Connectivity: Sendable, CaseIterable { case faces, facesEdgesAndCorners }

    /// One component: its size and the box that holds it.
    public struct Component: Sendable, Equatable {
        public var voxelCount: Int
        public var box: VoxelBox
    }

    /// Component n is at index n - 1: in the order of their first voxels.
    public let components: [Component]
    private let geometry: GridGeometry
    /// The runs of set voxels, and the number of the component of each from 1: a twentieth of the memory of a number for
    /// each voxel.
    private let runs: RunForest
    private let numbers: [Int32]

    /// Labels the non-zero voxels of `mask`: runs along the columns, joined by union-find.
    public init(of mask: Volume<UInt8>, connectivity: Connectivity) {
        let g = mask.geometry
        var runs = RunForest(rowCount: g.rows * g.slices)
        runs.collect(mask)
        let reach = connectivity == .faces ? 0 : 1
        for k in 0..<g.slices {
            for j in 0..<g.rows {
                let row = k * g.rows + j
                if j > 0 { runs.join(row, row - 1, reach: reach) }
                if k > 0 {
                    runs.join(row, row - g.rows, reach: reach)
                    if connectivity == .facesEdgesAndCorners {
                        if j > 0 { runs.join(row, row - g.rows - 1, reach: reach) }
                        if j + 1 < g.rows { runs.join(row, row - g.rows + 1, reach: reach) }
                    }
                }
            }
        }
        (numbers, components) = runs.number(geometry: g)
        geometry = g
        self.runs = runs
    }

    /// Linear indices of the voxels of each component, in the order of `components`, rising.
    package func voxelLists() -> [[Int]] {
        var lists = components.map { component -> [Int] in
            var list: [Int] = []
            list.reserveCapacity(component.voxelCount)
            return list
        }
        forEachRun { number, voxels in lists[number - 1].append(contentsOf: voxels) }
        return lists
    }

    /// 0 outside the mask, else the component's number from 1.
    public func labels() -> Volume<Int32> {
        var labels = Volume<Int32>(geometry: geometry, repeating: 0)
        labels.voxels.withUnsafeMutableBufferPointer { labels in
            forEachRun { number, voxels in labels[voxels].update(repeating: Int32(number)) }
        }
        return labels
    }

    /// 1 in the components whose index in `components` is wanted, else 0.
    package func mask(where isWanted: (Int) -> Bool) -> Volume<UInt8> {
        let wanted = components.indices.map(isWanted)
        var mask = Volume<UInt8>(geometry: geometry, repeating: 0)
        mask.voxels.withUnsafeMutableBufferPointer { mask in
            forEachRun { number, voxels in
                if wanted[number - 1] { mask[voxels].update(repeating: 1) }
            }
        }
        return mask
    }

    /// Number from 1 of the component that a voxel lies in; 0 outside the mask.
    package func number(at voxel: Int) -> Int {
        let (row, column) = voxel.quotientAndRemainder(dividingBy: geometry.columns)
        return runs.run(row: row, column: Int32(column)).map { Int(numbers[$0]) } ?? 0
    }

    private func forEachRun(_ body: (_ number: Int, _ voxels: Range<Int>) -> Void) {
        for row in 0..<(geometry.rows * geometry.slices) {
            for run in runs.range(ofRow: row) {
                let first = row * geometry.columns + Int(runs.first[run])
                body(Int(numbers[run]), first..<(row * geometry.columns + Int(runs.last[run]) + 1))
            }
        }
    }
}

/// Runs of set voxels and the forest that joins them.
private struct RunForest: Sendable {
    var first: [Int32] = []
    var last: [Int32] = []
    var parent: [Int32] = []
    /// Index of the first run of each row; one more entry closes the last row.
    var rowStart: [Int32]

    init(rowCount: Int) {
        rowStart = []
        rowStart.reserveCapacity(rowCount + 1)
    }

    mutating func collect(_ mask: Volume<UInt8>) {
        let columns = mask.geometry.columns
        mask.voxels.withUnsafeBytes { bytes in
            for row in 0..<(mask.geometry.rows * mask.geometry.slices) {
                rowStart.append(Int32(first.count))
                let base = row * columns
                var i = 0
                while i < columns {
                    // Most of a mask is clear: eight voxels at a time.
                    if i + 8 <= columns, bytes.loadUnaligned(fromByteOffset: base + i, as: UInt64.self) == 0 {
                        i += 8
                        continue
                    }
                    if bytes[base + i] == 0 {
                        i += 1
                        continue
                    }
                    let start = i
                    while i < columns && bytes[base + i] != 0 { i += 1 }
                    first.append(Int32(start))
                    last.append(Int32(i - 1))
                }
            }
        }
        rowStart.append(Int32(first.count))
        parent = (0..<Int32(first.count)).map { $0 }
    }

    mutating func root(_ run: Int) -> Int {
        var run = run
        while Int(parent[run]) != run {
            parent[run] = parent[Int(parent[run])]
            run = Int(parent[run])
        }
        return run
    }

    /// Joins the runs of two rows that touch; the smaller index becomes the root, so numbering follows the raster.
    mutating func join(_ rowA: Int, _ rowB: Int, reach: Int) {
        var a = Int(rowStart[rowA])
        var b = Int(rowStart[rowB])
        let endA = Int(rowStart[rowA + 1])
        let endB = Int(rowStart[rowB + 1])
        while a < endA && b < endB {
            if Int(first[a]) <= Int(last[b]) + reach && Int(first[b]) <= Int(last[a]) + reach {
                let rootA = root(a)
                let rootB = root(b)
                if rootA < rootB { parent[rootB] = Int32(rootA) } else { parent[rootA] = Int32(rootB) }
            }
            if last[a] < last[b] { a += 1 } else { b += 1 }
        }
    }

    func range(ofRow row: Int) -> Range<Int> { Int(rowStart[row])..<Int(rowStart[row + 1]) }

    /// The run of a row that holds a column.
    func run(row: Int, column: Int32) -> Int? {
        let own = range(ofRow: row)
        var (low, high) = (own.lowerBound, own.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if last[middle] < column { low = middle + 1 } else { high = middle }
        }
        return low < own.upperBound && first[low] <= column ? low : nil
    }

    /// The number of each run's component, and the components.
    mutating func number(geometry g: GridGeometry) -> ([Int32], [ConnectedComponents.Component]) {
        var numbers = [Int32](repeating: 0, count: first.count)
        var components: [ConnectedComponents.Component] = []
        for row in 0..<(g.rows * g.slices) {
            let j = row % max(g.rows, 1)
            let k = row / max(g.rows, 1)
            for run in range(ofRow: row) {
                let top = root(run)
                let columns = Int(first[run])..<(Int(last[run]) + 1)
                if numbers[top] == 0 {
                    components.append(
                        ConnectedComponents.Component(
                            voxelCount: 0, box: VoxelBox(columns: columns, rows: j..<(j + 1), slices: k..<(k + 1))))
                    numbers[top] = Int32(components.count)
                }
                numbers[run] = numbers[top]
                components[Int(numbers[top]) - 1].add(columns: columns, row: j, slice: k)
            }
        }
        return (numbers, components)
    }
}

extension ConnectedComponents.Component {
    fileprivate mutating func add(columns: Range<Int>, row: Int, slice: Int) {
        voxelCount += columns.count
        box.columns =
            min(box.columns.lowerBound, columns.lowerBound)..<max(box.columns.upperBound, columns.upperBound)
        box.rows = min(box.rows.lowerBound, row)..<max(box.rows.upperBound, row + 1)
        box.slices = min(box.slices.lowerBound, slice)..<max(box.slices.upperBound, slice + 1)
    }
}
