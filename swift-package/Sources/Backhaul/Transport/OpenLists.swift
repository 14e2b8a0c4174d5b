internal import BackhaulGenerated

/// Questions which transfers there are that have no answer yet.
///
/// The system's list may be older than what it told meanwhile, and may name transfers of which it has not told yet that
/// they are over: the core must hear such an end before the answer, and never of the transfer after its end.
struct OpenLists {
    /// Asked of the system.
    private var asked = 0
    /// Tasks that ended since.
    private var ended: Set<Int> = []
    /// Answers of the system, each with the transfers whose end is still to be told.
    private var heldBack: [Set<TransferId>] = []

    var areHeldBack: Bool { !heldBack.isEmpty }

    /// The system is asked.
    mutating func ask() {
        asked += 1
    }

    /// The system has answered.
    mutating func told(_ pending: Set<TransferId>) {
        // Less than nothing if whoever asked has left.
        asked = max(0, asked - 1)
        if asked == 0 { ended.removeAll() }
        heldBack.append(pending)
    }

    /// The end of a transfer was told.
    mutating func didEnd(_ transfer: ActiveTransfer) {
        if asked > 0 { ended.insert(transfer.task.taskIdentifier) }
        for index in heldBack.indices { heldBack[index].remove(transfer.id) }
    }

    /// Whether a task in the system's answer is over by now.
    func hasEnded(_ task: any TransferTask) -> Bool {
        ended.contains(task.taskIdentifier)
    }

    mutating func giveUp() {
        for index in heldBack.indices { heldBack[index].removeAll() }
    }

    /// How many can be answered; they are no longer open.
    mutating func takeReady() -> Int {
        let before = heldBack.count
        heldBack.removeAll(where: \.isEmpty)
        return before - heldBack.count
    }
}
