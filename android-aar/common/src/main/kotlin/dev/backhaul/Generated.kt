package dev.backhaul

// The generated nouns have the names of ours; here they are called by another.

internal typealias GeneratedAttempt = dev.backhaul.ffi.Attempt
internal typealias GeneratedBackgroundSessions = dev.backhaul.ffi.BackgroundSessions
internal typealias GeneratedConfiguration = dev.backhaul.ffi.SessionConfiguration
internal typealias GeneratedDeferralPolicy = dev.backhaul.ffi.DeferralPolicy
internal typealias GeneratedDelegate = dev.backhaul.ffi.SessionDelegate
internal typealias GeneratedDestination = dev.backhaul.ffi.Destination
internal typealias GeneratedDigest = dev.backhaul.ffi.Digest
internal typealias GeneratedDownloadedFile = dev.backhaul.ffi.DownloadedFile
internal typealias GeneratedExplanation = dev.backhaul.ffi.Explanation
internal typealias GeneratedInspector = dev.backhaul.ffi.Inspector
internal typealias GeneratedJournalEvent = dev.backhaul.ffi.JournalEvent
internal typealias GeneratedLogSink = dev.backhaul.ffi.LogSink
internal typealias GeneratedPlanStep = dev.backhaul.ffi.PlanStep
internal typealias GeneratedProgress = dev.backhaul.ffi.Progress
internal typealias GeneratedRequest = dev.backhaul.ffi.Request
internal typealias GeneratedRequirements = dev.backhaul.ffi.Requirements
internal typealias GeneratedResponse = dev.backhaul.ffi.Response
internal typealias GeneratedRetryPolicy = dev.backhaul.ffi.RetryPolicy
internal typealias GeneratedSession = dev.backhaul.ffi.Session
internal typealias GeneratedStatus = dev.backhaul.ffi.SessionStatus
internal typealias GeneratedStoreRecovery = dev.backhaul.ffi.StoreRecovery
internal typealias GeneratedConditions = dev.backhaul.ffi.SystemConditions
internal typealias GeneratedTask = dev.backhaul.ffi.DownloadTask
internal typealias GeneratedTaskFacts = dev.backhaul.ffi.TaskFacts
internal typealias GeneratedTaskInfo = dev.backhaul.ffi.TaskInfo
internal typealias GeneratedTaskMetrics = dev.backhaul.ffi.TaskMetrics
internal typealias GeneratedTransferId = dev.backhaul.ffi.TransferId
internal typealias GeneratedTrustEvaluator = dev.backhaul.ffi.TrustEvaluator
internal typealias GeneratedWaitReason = dev.backhaul.ffi.WaitReason
internal typealias GeneratedWakeRequest = dev.backhaul.ffi.WakeRequest
internal typealias GeneratedWakeScheduler = dev.backhaul.ffi.WakeScheduler
internal typealias GeneratedWakeTicket = dev.backhaul.ffi.WakeTicket
internal typealias GeneratedWatchBudget = dev.backhaul.ffi.WatchBudget
