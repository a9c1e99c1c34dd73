using Microsoft.Extensions.Logging;

namespace Gantry;

/// <summary>The least level of messages that are told; it may change at any time.</summary>
/// <param name="level">The level at the start.</param>
internal sealed class LeastLevel(LogLevel level)
{
    private volatile int _level = (int)level;

    public LogLevel Value
    {
        get => (LogLevel)_level;
        set => _level = (int)value;
    }
}
