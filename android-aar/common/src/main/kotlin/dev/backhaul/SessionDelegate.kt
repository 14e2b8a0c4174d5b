package dev.backhaul

/**
 * Is told what happens in a session (rules S6, L1, L2). Every method has a default that does nothing.
 *
 * **Threading.** Calls of one session come one at a time, on its [DelegateQueue]. No lock is held: a delegate may
 * call the session and its tasks, with the functions that end in `Blocking`. A slow one delays only its own session's
 * calls.
 *
 * **Order** of one task's calls: [didCreateTask], [willPerformHTTPRedirection], [didResumeAtOffset] or
 * [didReceiveResponse], [didWriteData], [didFinishCollectingMetrics], [didFinishDownloadingTo], [didComplete].
 * Attempts that are made again repeat the middle; [taskIsWaiting] and [didRestart] come in between.
 *
 * **Life.** The session holds its delegate until [didBecomeInvalid] has returned, as `URLSession` does, or until it
 * was closed.
 *
 * **Throwing.** Whatever a method throws, a [StackOverflowError] too, is logged. Those that tell the end of a task
 * leave it in the journal: the same calls come again at the next launch, with the same [TaskInfo.sequence] (rule D4).
 */
public interface SessionDelegate {
    /**
     * A task was created in this process. Not called for the tasks of one call that makes more than 256 of them: the
     * caller has their handles.
     */
    public fun didCreateTask(task: TaskInfo) {}

    /** A task that could run does not, and why (rule P1). */
    public fun taskIsWaiting(
        task: TaskInfo,
        reason: WaitReason,
    ) {}

    /**
     * The server points elsewhere: whether to follow. Asked in default and ephemeral sessions only (rule H3);
     * background sessions follow. After false, or when it throws, the redirect itself is the answer.
     */
    public fun willPerformHTTPRedirection(
        task: TaskInfo,
        response: Response,
        url: String,
    ): Boolean = true

    /** The transfer goes on from a byte that an earlier attempt, or process, had reached. */
    public fun didResumeAtOffset(
        task: TaskInfo,
        offset: Long,
        expectedTotalBytes: Long?,
    ) {}

    /** The head of the answer is here, and the transfer begins at byte 0. */
    public fun didReceiveResponse(
        task: TaskInfo,
        response: Response,
    ) {}

    /** What was received had to be thrown away, and why (rule R7). */
    public fun didRestart(
        task: TaskInfo,
        reason: RestartReason,
        discarded: Long,
    ) {}

    /** Bytes came: at most ten calls a second for each task, and a last exact one (rule E2). */
    public fun didWriteData(
        task: TaskInfo,
        progress: Progress,
    ) {}

    /** What the task cost. Part of its end. */
    public fun didFinishCollectingMetrics(
        task: TaskInfo,
        metrics: TaskMetrics,
    ) {}

    /**
     * The file is at its destination, whole and synced (rule D2). It stays there: nothing has to be moved before this
     * returns. Part of the task's end.
     */
    public fun didFinishDownloadingTo(
        task: TaskInfo,
        file: DownloadedFile,
    ) {}

    /**
     * The task ended: with no error after its file was told, else with one. Always the last call about a task (rule
     * L1).
     */
    public fun didComplete(
        task: TaskInfo,
        error: TransferException?,
    ) {}

    /** Everything that the journal held has been delivered (rule W4). Called again after later ends. */
    public fun didFinishEventsForBackgroundSession() {}

    /** A platform's service carried on a transfer that the store knows nothing of: it was cancelled (rule W5). */
    public fun didCancelUnknownTransfer(transfer: TransferId) {}

    /**
     * The store was damaged and has been replaced by one with what could be saved (rule D6). The tasks that are back
     * go on; the app enqueues again what it misses.
     */
    public fun didRecoverStore(recovery: StoreRecovery) {}

    /** The last call of all. The delegate is released, and the identifier is free, when it returns (rule C3). */
    public fun didBecomeInvalid(error: TransferException?) {}
}
