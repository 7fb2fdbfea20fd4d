import DualEnergyCT

extension Phrases {
    func outcome(_ outcome: DepositChange.Outcome) -> String {
        switch outcome {
        case .new: self("new", "nouveau")
        case .increased: self("increased", "augmenté")
        case .decreased: self("decreased", "diminué")
        case .stable: self("stable", "stable")
        case .notComparable: self("not comparable", "non comparable")
        }
    }

    func obstacle(_ obstacle: Comparison.Obstacle) -> String {
        switch obstacle {
        case .priorNotAnalysable: self("the prior scan was not analysable", "l'examen antérieur n'était pas analysable")
        case .otherRegion: self("the prior scan shows another region", "l'examen antérieur montre une autre région")
        case .otherSide: self("the prior scan shows the other side", "l'examen antérieur montre l'autre côté")
        case .registrationFailed:
            self("the bones of both scans could not be matched", "les os des deux examens n'ont pu être superposés")
        }
    }

    /// `+31 %`, `-4 %`.
    func percent(_ value: Double, _ number: NumberText) -> String {
        let text = number.text(value, decimals: 0)
        return self(
            (value > 0 && text != "0" ? "+" : "") + "\(text) %", (value > 0 && text != "0" ? "+" : "") + "\(text) %")
    }
}
