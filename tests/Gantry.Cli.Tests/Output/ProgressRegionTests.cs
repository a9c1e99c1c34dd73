using Gantry.Api.Model;
using Gantry.Cli.Output.Progress;

namespace Gantry.Cli.Tests.Output;

public class ProgressRegionTests
{
    private readonly StringWriter _output = new();
    private readonly Clock _clock = new();

    [Fact]
    public void Lines_are_drawn_in_place()
    {
        var screen = new Screen(24, 80);
        var region = RegionOf(24, 80);
        region.Update("a", "Pulling fs layer", new ProgressDetail());
        region.Update("b", "Already exists", new ProgressDetail());
        region.Draw();
        region.Update("a", "Downloading", new ProgressDetail { Current = 50, Total = 100 });
        region.Draw();
        Show(screen);
        Assert.Equal(
            ["a: Downloading [========================>                        ]      50B/100B", "b: Already exists", "Total: 1 of 2 done, 50B/100B", ""],
            screen.Lines);
        region.Update("a", "Pull complete", new ProgressDetail());
        region.Draw();
        region.Finish();
        Show(screen);
        Assert.Equal(["a: Pull complete", "b: Already exists", "", ""], screen.Lines);
    }

    [Theory]
    [InlineData(5, 80)]
    [InlineData(5, 20)]
    [InlineData(2, 7)]
    [InlineData(1, 1)]
    public void More_layers_than_rows_end_as_one_line_each(int rows, int columns)
    {
        var screen = new Screen(rows, columns);
        var region = RegionOf(rows, columns);
        var names = Enumerable.Range(0, 30).Select(static number => $"{number:00}").ToArray();
        foreach (var (status, current) in new[] { ("Waiting", 0), ("Downloading", 5), ("Downloading", 100), ("Pull complete", 0) })
        {
            foreach (var name in names)
            {
                region.Update(name, status, new ProgressDetail { Current = current, Total = current > 0 ? 100 : 0 });
                region.Draw();
                Show(screen);
                Assert.True(screen.Lines.Count() <= Math.Max(2, rows), "it never grows beyond the screen");
            }
        }
        region.Finish();
        Show(screen);
        var expected = names.Select(name => $"{name}: Pull complete"[..Math.Min(columns, 17)].TrimEnd());
        Assert.Equal([.. expected, ""], screen.Lines);
    }

    [Fact]
    public void Those_that_move_are_shown_first()
    {
        var screen = new Screen(4, 40);
        var region = RegionOf(4, 40);
        foreach (var name in (string[])["a", "b", "c"])
            region.Update(name, "Pull complete", new ProgressDetail());
        region.Update("d", "Waiting", new ProgressDetail());
        region.Update("e", "Extracting", new ProgressDetail { Current = 2, Total = 4 });
        region.Draw();
        Show(screen);
        Assert.Equal(["d: Waiting", "e: Extracting [=====>      ]       2B/4B", ""], screen.Lines);
    }

    [Fact]
    public void The_sum_tells_speed_and_remaining_time()
    {
        var screen = new Screen(24, 80);
        var region = RegionOf(24, 80);
        region.Update("a", "Downloading", new ProgressDetail { Current = 10_000_000, Total = 100_000_000 });
        region.Update("b", "Waiting", new ProgressDetail());
        region.Draw();
        _clock.Advance(TimeSpan.FromSeconds(2));
        region.Update("a", "Downloading", new ProgressDetail { Current = 30_000_000, Total = 100_000_000 });
        region.Draw();
        Show(screen);
        Assert.Equal("Total: 0 of 2 done, 30MB, 10MB/s", screen.Lines.ElementAt(2));
        region.Update("b", "Already exists", new ProgressDetail());
        region.Draw();
        Show(screen);
        Assert.Equal("Total: 1 of 2 done, 30MB/100MB, 10MB/s, 7s left", screen.Lines.ElementAt(2));
    }

    [Fact]
    public void What_became_narrower_is_drawn_anew()
    {
        var size = (Rows: 10, Columns: 80);
        var region = new ProgressRegion(_output, () => size, _clock);
        region.Update("a", "Downloading", new ProgressDetail { Current = 50, Total = 100 });
        region.Draw();
        size = (10, 40);
        region.Draw();
        // 80 letters are two rows of 40 by now, and the sum's row is one.
        Assert.Contains("\r\u001b[3A\u001b[J", _output.ToString());
    }

    private ProgressRegion RegionOf(int rows, int columns) => new(_output, () => (rows, columns), _clock);

    private void Show(Screen screen)
    {
        screen.Write(_output.ToString());
        _output.GetStringBuilder().Clear();
    }

    private sealed class Clock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan time) => _now += time.Ticks;
    }
}
