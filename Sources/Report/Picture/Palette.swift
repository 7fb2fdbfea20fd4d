import DualEnergyCT

/// The colours of the picture: those of Okabe and Ito, told apart with any colour vision, on a dark ground for a
/// reading room.
enum Palette {
    static let background = Colour(0x0E1116)
    static let panel = Colour(0x1A212B)
    static let image = Colour(0x000000)
    static let text = Colour(0xF2F4F7)
    static let secondary = Colour(0xA9B4C2)
    static let rule = Colour(0x3A4655)
    static let banner = Colour(0xF0E442)
    static let bannerText = Colour(0x101010)
    static let calcinosis = Colour(0xFF8C1A)
    static let urate = Colour(0x00B386)
    static let indeterminate = Colour(0xF0E442)
    static let excluded = Colour(0x8C96A3)
    static let clear = Colour(0x56B4E9)

    static func material(_ material: MaterialClass) -> Colour {
        switch material {
        case .hydroxyapatite: calcinosis
        case .urate: urate
        case .indeterminate: indeterminate
        }
    }
}
