/// Where a deposit can lie: between the bones, under the skin.
struct DepositSpace: Sendable {
    let bones: [Bone]
    let soft: SoftTissue

    /// Distance into the nearest bone in mm, negative outside; -100 far from all.
    func boneDepth(_ p: Point) -> Float {
        var deepest: Float = -100
        for bone in bones {
            guard let box = bone.box(z: p.z), p.x > box.low.x, p.x < box.high.x, p.y > box.low.y, p.y < box.high.y
            else { continue }
            deepest = max(deepest, bone.depth(p))
        }
        return deepest
    }

    /// Free of the other deposits, of the air and, where it should be, of bone.
    func fits(_ deposit: Deposit, besides deposits: [Deposit]) -> Bool {
        let reach = deposit.largestHalf
        for other in deposits where length(other.centre - deposit.centre) < reach + other.largestHalf + 2 {
            return false
        }
        var deepestInBone: Float = -100
        var shallowest: Float = 100
        var outsideBone = 0
        var count = 0
        for x in -2...2 {
            for y in -2...2 {
                for z in -2...2 {
                    let local = 0.5 * Point(Float(x), Float(y), Float(z))
                    guard length(local) <= 1.01 else { continue }
                    let h = deposit.half * local
                    let p = deposit.centre + h.x * deposit.axes.0 + h.y * deposit.axes.1 + h.z * deposit.axes.2
                    let inBone = boneDepth(p)
                    count += 1
                    if inBone < 0 { outsideBone += 1 }
                    deepestInBone = max(deepestInBone, inBone)
                    shallowest = min(shallowest, soft.depth(p, among: soft.envelope))
                }
            }
        }
        guard shallowest > soft.skinMm + 0.2 else { return false }
        if deposit.site == .periarticular { return outsideBone * 10 > count * 7 && deepestInBone > 0.3 }
        return deepestInBone < -0.8
    }
}
