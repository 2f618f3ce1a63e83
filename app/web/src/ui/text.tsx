import { useId } from 'preact/hooks';

/** Text that Enter applies. What the server refuses stays, marked, to be put right. */
export function TextField({
  label,
  value,
  about,
  disabled,
  testid,
  list,
  apply,
}: {
  label: string;
  value: string;
  about: string;
  disabled: boolean;
  testid: string;
  /** Suggestions. */
  list?: string[];
  /** Undefined: it was refused. */
  apply: (text: string) => Promise<unknown>;
}) {
  const id = useId();
  const change = async (input: HTMLInputElement) => {
    const done = await apply(input.value.trim());
    if (done === undefined) input.setAttribute('aria-invalid', 'true');
  };
  return (
    <div class="field">
      <label for={id} title={about}>
        {label}
      </label>
      <input
        id={id}
        type="text"
        list={list && `${id}-list`}
        spellcheck={false}
        value={value}
        disabled={disabled}
        title={`${about} Enter applies it.`.trim()}
        data-testid={testid}
        onInput={(event) => event.currentTarget.removeAttribute('aria-invalid')}
        onChange={(event) => void change(event.currentTarget)}
      />
      {list && (
        <datalist id={`${id}-list`}>
          {list.map((text) => (
            <option key={text} value={text} />
          ))}
        </datalist>
      )}
    </div>
  );
}
